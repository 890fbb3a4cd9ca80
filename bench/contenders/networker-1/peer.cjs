// A peer of @corestore/networker 1.x, forked as a child process. Each IPC message is a command, and each gets
// one reply with its timing (milliseconds of the monotonic clock that all processes of a machine share).

const { EventEmitter, once } = require('node:events')
const { createHash } = require('node:crypto')
const path = require('node:path')

silenceMulticast()

const createDht = require('@hyperswarm/dht')
const Corestore = require('corestore')
const hyperswarm = require('hyperswarm')
const Networker = require('@corestore/networker')
const randomAccessMemory = require('random-access-memory')

const LOOPBACK = '127.0.0.1'
const DISGUISE = '127.0.0.2'
const DHT_NODES = 10
const APPEND_BATCH = 64
const COMMAND_TIMEOUT = 120_000

const dhtNodes = []
const extensions = new Map()
const faults = []
let store = null
let networker = null

const commands = {
  bootstrap,
  open,
  append,
  configure,
  peers: waitForPeers,
  get: download,
  extension: runExtension,
  usage: reportUsage,
  close
}

if (process.send) {
  process.on('message', (message) => answer(message))
  process.on('disconnect', () => process.exit(0))
}

async function answer(message) {
  const watch = new Stopwatch()
  const reply = { id: message.id, do: message.do }
  try {
    const command = commands[message.do]
    if (!command) throw new Error(`There is no command '${message.do}'`)
    const value = await within(message.timeout || COMMAND_TIMEOUT, command(message, watch), message.do)
    Object.assign(reply, { ok: true, value })
  } catch (error) {
    Object.assign(reply, { ok: false, error: error.stack || String(error) })
  }
  watch.stop()
  process.send({ ...reply, ...watch.report(), ...usage() }, () => {
    if (message.do === 'close') process.disconnect()
  })
}

// A command may restart its watch after preparing, and stop it before verifying.
class Stopwatch {
  constructor() {
    this.restart()
  }

  restart() {
    this.startedAt = now()
    this.startedCpu = process.cpuUsage()
    this.finishedAt = null
    this.spentCpu = null
  }

  stop() {
    if (this.finishedAt !== null) return
    this.finishedAt = now()
    this.spentCpu = process.cpuUsage(this.startedCpu)
  }

  report() {
    const { startedAt, finishedAt, spentCpu } = this
    return { timing: { startedAt, finishedAt, ms: finishedAt - startedAt }, cpu: spentCpu }
  }
}

function now() {
  return Number(process.hrtime.bigint()) / 1e6
}

function usage() {
  return { cpuTotal: process.cpuUsage(), memory: process.memoryUsage() }
}

function reportUsage({ gc = false }) {
  if (gc && !global.gc) throw new Error('Start this peer with --expose-gc')
  if (gc) global.gc()
  return { faults, peers: networker ? networker.peers.size : 0 }
}

// ---- DHT and networker

async function bootstrap({ nodes = DHT_NODES }, watch) {
  watch.restart()
  const first = await startDhtNode([])
  const address = `${LOOPBACK}:${first.address().port}`
  for (let i = 1; i < nodes; i++) await startDhtNode([address])
  return { bootstrap: [address], ports: dhtNodes.map((node) => node.address().port) }
}

async function startDhtNode(known) {
  const node = createDht({ bootstrap: known, ephemeral: false })
  dhtNodes.push(node)
  node.listen(0, LOOPBACK)
  await Promise.all([once(node, 'listening'), new Promise((resolve) => node.ready(resolve))])
  return node
}

async function open({ bootstrap: known, storage = null, sparse = true, listen = false }) {
  if (networker) throw new Error('This peer is open')
  store = new Corestore(storage || randomAccessMemory, { sparse })
  await store.ready()
  const swarm = hyperswarm({ bootstrap: known, announceLocalNetwork: true, queue: { multiplex: true } })
  swarm.on('connection', disguise)
  networker = new Networker(store, { swarm })
  networker.on('error', (error) => faults.push(String(error)))
  networker.on('replication-error', (error) => faults.push(String(error)))
  await networker.listen()
  if (listen) await enterDht(swarm)
  return { publicKey: networker.keyPair.publicKey.toString('hex') }
}

// Otherwise the first `configure` does it.
async function enterDht(swarm) {
  await call((done) => swarm.listen(0, done))
  await new Promise((resolve) => swarm.network.discovery.dht.ready(resolve))
}

// The networker drops what comes from 127.0.0.1, and all traffic here stays on loopback.
function disguise(socket) {
  Object.defineProperty(socket, 'remoteAddress', { value: DISGUISE })
}

// Multicast would find peers without the DHT, and those of other runs.
function silenceMulticast() {
  class SilentMulticast extends EventEmitter {
    query() {}
    response() {}
    destroy() {}
  }
  const discovery = path.dirname(require.resolve('@hyperswarm/discovery'))
  const multicast = require.resolve('multicast-dns', { paths: [discovery] })
  require(multicast)
  require.cache[multicast].exports = () => new SilentMulticast()
}

async function configure({ key, discoveryKey, announce = true, lookup = true, flush = true }, watch) {
  const topic = key ? (await openCore({ key })).discoveryKey : Buffer.from(discoveryKey, 'hex')
  watch.restart()
  await networker.configure(topic, { announce, lookup, flush })
  return { flushed: networker.flushed(topic) }
}

async function waitForPeers({ count = 1 }) {
  while (networker.peers.size < count) await once(networker, 'peer-add')
  return { peers: networker.peers.size, types: [...networker.peers].map((peer) => peer.stream.remoteType) }
}

async function close() {
  if (networker) await networker.close()
  if (store) await call((done) => store.close(done))
  for (const node of dhtNodes) node.destroy()
  return { faults }
}

// ---- cores

async function openCore({ key, name }) {
  const core = store.get(key ? { key: Buffer.from(key, 'hex') } : { default: true, name: name || 'default' })
  await call((done) => core.ready(done))
  return core
}

async function append({ name, count, size }, watch) {
  const core = await openCore({ name })
  const start = core.length
  const hash = createHash('sha256')
  watch.restart()
  for (let i = 0; i < count; i += APPEND_BATCH) {
    const batch = []
    for (let j = i; j < Math.min(i + APPEND_BATCH, count); j++) batch.push(makeBlock(start + j, size))
    for (const block of batch) hash.update(block)
    await call((done) => core.append(batch, done))
  }
  return {
    key: core.key.toString('hex'),
    discoveryKey: core.discoveryKey.toString('hex'),
    length: core.length,
    bytes: count * size,
    digest: hash.digest('hex')
  }
}

// Every block differs, and whoever knows its index and size can make it again.
function makeBlock(index, size) {
  return Buffer.alloc(size, createHash('sha256').update(String(index)).digest())
}

// With `join`, the time is that from `configure` until the last block is here.
async function download({ key, index, range, join = null }, watch) {
  const { start, end } = range || { start: index, end: index + 1 }
  const core = await openCore({ key })
  watch.restart()
  if (join) networker.configure(core.discoveryKey, { announce: false, lookup: true, ...join, flush: false })
  await call((done) => core.download({ start, end }, done))
  watch.stop()
  return verify(core, start, end)
}

async function verify(core, start, end) {
  const hash = createHash('sha256')
  let bytes = 0
  for (let i = start; i < end; i++) {
    const block = await call((done) => core.get(i, { wait: false }, done))
    hash.update(block)
    bytes += block.length
  }
  return { blocks: end - start, bytes, digest: hash.digest('hex') }
}

// ---- extensions

const extensionActions = { register, reset, burst, received, 'round-trips': roundTrips, destroy }

function runExtension(message, watch) {
  const action = extensionActions[message.action || 'register']
  if (!action) throw new Error(`There is no extension action '${message.action}'`)
  return action(message, watch)
}

function register({ name, echo = false, awaits = 0 }) {
  const extension = { handle: null, ...emptyCounts(awaits) }
  extension.handle = networker.registerExtension(name, {
    encoding: 'binary',
    onmessage: (message, peer) => {
      if (echo) extension.handle.send(message, peer)
      count(extension, message)
    },
    onerror: (error) => faults.push(String(error))
  })
  extensions.set(name, extension)
  return {}
}

function emptyCounts(awaits) {
  return { awaits, received: 0, bytes: 0, outOfOrder: 0, firstAt: null, lastAt: null, oncomplete: null }
}

// Each message begins with its number, so that one lost or moved shows.
function count(extension, message) {
  if (extension.received === 0) extension.firstAt = now()
  if (message.readUInt32LE(0) !== extension.received) extension.outOfOrder++
  extension.received++
  extension.bytes += message.length
  if (extension.received < extension.awaits) return
  extension.lastAt = now()
  if (extension.oncomplete) extension.oncomplete()
}

function reset({ name, awaits = 0 }) {
  Object.assign(find(name), emptyCounts(awaits))
  return {}
}

async function burst({ name, bursts = 1, count: perBurst, size, peer = 0 }, watch) {
  const { handle } = find(name)
  const to = findPeer(peer)
  const messages = makeMessages(bursts * perBurst, size)
  watch.restart()
  for (let i = 0; i < messages.length; i += perBurst) {
    for (let j = i; j < i + perBurst; j++) handle.send(messages[j], to)
    await new Promise(setImmediate)
  }
  return { sent: messages.length, bytes: messages.length * size }
}

// Slices of one buffer: the collection of thousands of small ones would be measured too.
function makeMessages(total, size) {
  const all = Buffer.alloc(total * size, 'm')
  return Array.from({ length: total }, (_, number) => {
    const message = all.subarray(number * size, (number + 1) * size)
    message.writeUInt32LE(number, 0)
    return message
  })
}

async function received({ name }) {
  const extension = find(name)
  if (extension.received < extension.awaits) await new Promise((resolve) => (extension.oncomplete = resolve))
  return countsOf(extension)
}

function countsOf({ received, bytes, outOfOrder, firstAt, lastAt }) {
  return { received, bytes, outOfOrder, firstAt, lastAt }
}

// The other end registers the name with `echo`.
async function roundTrips({ name, count: trips, size, peer = 0 }, watch) {
  const extension = find(name)
  const to = findPeer(peer)
  const messages = makeMessages(trips, size)
  const times = []
  reset({ name })
  watch.restart()
  for (const message of messages) {
    const sentAt = now()
    const back = new Promise((resolve) => (extension.oncomplete = resolve))
    extension.handle.send(message, to)
    await back
    times.push(now() - sentAt)
  }
  watch.stop()
  return { ...countsOf(extension), ...spread(times) }
}

function spread(times) {
  const sorted = [...times].sort((a, b) => a - b)
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
  return { medianMs: at(0.5), p95Ms: at(0.95), minMs: sorted[0], maxMs: sorted.at(-1) }
}

function destroy({ name }) {
  find(name).handle.destroy()
  extensions.delete(name)
  return {}
}

function find(name) {
  const extension = extensions.get(name)
  if (!extension) throw new Error(`Extension '${name}' is not registered`)
  return extension
}

function findPeer(number) {
  const peer = [...networker.peers][number]
  if (!peer) throw new Error(`There is no peer ${number} among ${networker.peers.size}`)
  return peer
}

// ---- helpers

function call(start) {
  return new Promise((resolve, reject) => start((error, value) => (error ? reject(error) : resolve(value))))
}

async function within(ms, work, what) {
  let timer = null
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`'${what}' took longer than ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
