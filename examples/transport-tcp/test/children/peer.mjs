// A networker over TCP and Hyperswarm. A writer prints its core's key and serves until its input ends. A reader gets that
// key, prints what it read and from where, and exits.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tcp } from '@basestore/example-transport-tcp'
import { Networker } from '@basestore/networker'
import { hyperswarm } from '@basestore/transport-hyperswarm'
import Corestore from 'corestore'

const BLOCKS = 1_000
const { key, ...options } = JSON.parse(process.argv[2])
const directory = mkdtempSync(join(tmpdir(), 'basestore-tcp-'))
process.once('exit', () => rmSync(directory, { recursive: true, force: true }))

const store = new Corestore(directory)
const core = store.get(key ? { key: Buffer.from(key, 'hex') } : { name: 'core' })
await core.ready()
if (!key) await core.append(Array.from({ length: BLOCKS }, (_, i) => `block ${i}`))

const networker = new Networker(store, { transports: [tcp(options.tcp), hyperswarm(options.hyperswarm)] })
networker.on('fault', (error) => console.error(error))
// Without internet, Hyperswarm's part of the flush takes long. The peer is there much earlier.
await networker.configure(core.discoveryKey, { flush: false })

if (key) {
  let blocks = 0
  for (; blocks < BLOCKS; blocks++) {
    const block = await core.get(blocks)
    if (block.toString() !== `block ${blocks}`) throw new Error(`block ${blocks} is ${block}`)
  }
  const [{ type, remoteAddress }] = networker.peers
  await end()
  console.log(JSON.stringify({ blocks, type, remoteAddress }))
} else {
  console.log(JSON.stringify({ key: core.key.toString('hex') }))
  process.stdin.resume().once('end', end)
}

async function end() {
  await networker.close()
  await store.close()
}
