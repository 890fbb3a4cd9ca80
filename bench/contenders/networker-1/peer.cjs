// A process of 1.x that fills, announces, looks up and reads cores. Answers as processes/peer.ts does.
const { createHash, randomBytes } = require('node:crypto')
const { mkdtemp } = require('node:fs/promises')
const path = require('node:path')
const Corestore = require('corestore')
const randomAccessMemory = require('random-access-memory')
const openNetworker = require('./networker.cjs')
const serve = require('./serve.cjs')

const APPEND_BATCH = 64
/** Longest time that a read may take (ms), so that a run that moves nothing fails. */
const TIMEOUT = 120_000
const LOOKUP = { announce: false, lookup: true, flush: false }
const inMemory = process.argv.includes('--in-memory')

let store
let networker

serve({
  async open({ bootstrap, directory }) {
    const folder = await mkdtemp(path.join(directory, '1.x-'))
    store = new Corestore(inMemory ? randomAccessMemory : folder, { sparse: true })
    await store.ready()
    networker = await openNetworker(store, bootstrap)
    return folder
  },

  async append(blocks, size) {
    const core = await openCore({ default: true, name: randomBytes(8).toString('hex') })
    const hash = createHash('sha256')
    for (let left = blocks; left > 0; left -= APPEND_BATCH) {
      const batch = Array.from({ length: Math.min(left, APPEND_BATCH) }, () => randomBytes(size))
      for (const block of batch) hash.update(block)
      await call((done) => core.append(batch, done))
    }
    return { key: core.key, hash: hash.digest('hex') }
  },

  async join(key, options) {
    const { discoveryKey } = await openCore({ key })
    const start = performance.now()
    await networker.configure(discoveryKey, options)
    return performance.now() - start
  },

  first: (key) => download(key, 1),
  download,
  connections: () => networker.peers.size,

  usage() {
    if (global.gc) global.gc()
    const { rss, heapUsed } = process.memoryUsage()
    return { cpu: cpu(), rss, heapUsed }
  },

  async close() {
    await networker.close()
    await call((done) => store.close(done))
  }
})

/** Looks a core up and reads blocks. The clock stops when they are here; they are hashed afterwards. */
async function download(key, blocks) {
  const core = await openCore({ key })
  performance.now() // the first call loads the clock
  const cpuBefore = cpu()
  const start = performance.now()
  networker.configure(core.discoveryKey, LOOKUP)
  await within(
    TIMEOUT,
    call((done) => core.download({ start: 0, end: blocks }, done))
  )
  const ms = performance.now() - start
  const spent = cpu() - cpuBefore
  const hash = createHash('sha256')
  let bytes = 0
  for (let index = 0; index < blocks; index++) {
    const block = await call((done) => core.get(index, { wait: false }, done))
    hash.update(block)
    bytes += block.length
  }
  return { ms, cpu: spent, hash: hash.digest('hex'), bytes }
}

async function openCore({ key, ...options }) {
  const core = store.get(key ? { key: Buffer.from(key) } : options)
  await call((done) => core.ready(done))
  return core
}

/** CPU time of this process since its start (s). */
function cpu() {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

function call(start) {
  return new Promise((resolve, reject) => start((error, value) => (error ? reject(error) : resolve(value))))
}

async function within(timeout, reading) {
  let timer
  const late = new Promise((_, reject) => {
    const error = new Error(
      `the blocks were not there after ${timeout} ms, with ${networker.peers.size} peers`
    )
    timer = setTimeout(() => reject(error), timeout)
  })
  return Promise.race([reading, late]).finally(() => clearTimeout(timer))
}
