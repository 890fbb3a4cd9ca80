// Opens connections one after another over libp2p's memory transport, with both ends in this process. One node listens.
// Each connection is dialled by a node of its own, which was started before. Prints one line of JSON.

import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { memory } from '@libp2p/memory'
import { noise } from '@libp2p/noise'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'

const ADDRESS = '/memory/listener'
const ECHO = '/echo/1'
const PACKAGES = ['libp2p', '@libp2p/memory', '@libp2p/noise', '@libp2p/yamux']

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '200' },
    warmup: { type: 'string', default: '20' },
    'keep-open': { type: 'boolean', default: false }
  }
})
const count = Number(values.count)
const warmup = Number(values.warmup)
const keepOpen = values['keep-open']

const listener = await startNode({ listen: [ADDRESS] })
await listener.handle(ECHO, (stream) => {
  stream.addEventListener('message', ({ data }) => stream.send(data))
})
const target = multiaddr(ADDRESS)
const diallers = []
for (let i = 0; i < warmup + count; i++) diallers.push(await startNode({ listen: [] }))

const samples = []
for (const dialler of diallers) samples.push(await sample(dialler))
const measured = samples.slice(warmup)

console.log(
  JSON.stringify({
    contender: 'libp2p',
    node: process.versions.node,
    versions: Object.fromEntries(PACKAGES.map((name) => [name, versionOf(name)])),
    count,
    warmup,
    keepOpen,
    ms: summary(measured.map(({ ms }) => ms)),
    cpuMs: summary(measured.map(({ cpuMs }) => cpuMs)),
    roundTripMs: summary(measured.map(({ roundTripMs }) => roundTripMs)),
    samples: measured
  })
)

await Promise.all([...diallers, listener].map((node) => node.stop()))

function startNode(addresses) {
  return createLibp2p({
    addresses,
    transports: [memory()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: { maxConnections: Number.MAX_SAFE_INTEGER },
    connectionMonitor: { enabled: false }
  })
}

async function sample(dialler) {
  const accepted = acceptedFrom(dialler.peerId)
  const startedCpu = process.cpuUsage()
  const startedAt = process.hrtime.bigint()
  const connection = await dialler.dial(target)
  const remote = await accepted
  const ms = since(startedAt)
  const cpu = process.cpuUsage(startedCpu)
  verify(connection, remote)
  const roundTripMs = await roundTrip(connection)
  if (!keepOpen) await connection.close()
  return { ms, cpuMs: (cpu.user + cpu.system) / 1000, roundTripMs }
}

function acceptedFrom(peerId) {
  return new Promise((resolve) => {
    listener.addEventListener('connection:open', function onopen({ detail }) {
      if (!detail.remotePeer.equals(peerId)) return
      listener.removeEventListener('connection:open', onopen)
      resolve(detail)
    })
  })
}

function verify(...ends) {
  for (const end of ends) {
    if (end.status !== 'open') throw new Error(`A connection is ${end.status}`)
    if (!end.encryption?.includes('noise')) throw new Error(`Encrypted with ${end.encryption}`)
    if (!end.multiplexer?.includes('yamux')) throw new Error(`Multiplexed with ${end.multiplexer}`)
  }
}

// Sends one byte there and back, on a new stream.
async function roundTrip(connection) {
  const startedAt = process.hrtime.bigint()
  const stream = await connection.newStream(ECHO)
  const back = new Promise((resolve) => {
    stream.addEventListener('message', ({ data }) => resolve(data.subarray()), { once: true })
  })
  stream.send(Uint8Array.of(7))
  const reply = await back
  const ms = since(startedAt)
  if (reply.length !== 1 || reply[0] !== 7) throw new Error('The echo differs')
  stream.abort(new Error('done'))
  return ms
}

function since(startedAt) {
  return Number(process.hrtime.bigint() - startedAt) / 1e6
}

function summary(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
  const total = values.reduce((sum, value) => sum + value, 0)
  const mean = total / values.length
  return {
    median: at(0.5),
    p25: at(0.25),
    p75: at(0.75),
    p95: at(0.95),
    min: sorted[0],
    max: sorted.at(-1),
    mean
  }
}

function versionOf(name) {
  const manifest = new URL(`node_modules/${name}/package.json`, import.meta.url)
  return JSON.parse(readFileSync(manifest, 'utf8')).version
}
