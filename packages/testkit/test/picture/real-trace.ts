import type { NoiseStream, TransportHost } from '@basestore/networker/transport'
import { MemoryNetwork, VirtualClock } from '@basestore/transport-memory'
import type { PictureSource } from '../../src/picture/picture.js'
import { keyPairOf } from '../../src/simulation/key-pair.js'
import type { TraceEvent } from '../../src/simulation/trace.js'
import { report } from './reports.js'

/** Milliseconds. */
const LATENCY = 25
const HELD = 500
const GREETING = 1_000

/** A trace of the memory network: two peers find each other, are partitioned for a while, and send a message. */
export async function realTrace(): Promise<PictureSource> {
  const events: TraceEvent[] = []
  const clock = new VirtualClock()
  const network = new MemoryNetwork({
    clock,
    link: { latency: LATENCY },
    onevent: (event) => events.push(event)
  })
  await clock.run(async () => {
    const stopping = new AbortController()
    const streams: NoiseStream[] = []
    const names = ['alice', 'bob']
    const transports = names.map((name, index) => {
      const transport = network.transport(name)
      transport.start(host(index, stopping.signal, streams))
      return transport
    })
    const [alice, bob] = transports
    alice!.join(Buffer.alloc(32), { announce: true, lookup: false })
    bob!.join(Buffer.alloc(32), { announce: false, lookup: true })
    while (streams.length < names.length) await later(LATENCY)
    const heard = new Promise((resolve) => streams[1]!.once('data', resolve))
    const undo = network.partition('alice', 'bob', { mode: 'hold' })
    streams[0]!.write(Buffer.alloc(GREETING))
    await later(HELD)
    undo()
    await heard
    stopping.abort()
    await Promise.all(transports.map((transport) => transport.stop()))
    for (const stream of streams) stream.destroy()
    await later(LATENCY * 4)
  })
  const frames = events.filter((event) => event.type === 'frame').length
  return { events, report: report({ name: 'two of a real network', virtualTime: clock.now(), frames }) }
}

/** The transport host that a networker would be. */
function host(seed: number, signal: AbortSignal, streams: NoiseStream[]): TransportHost {
  const keyPair = keyPairOf(Buffer.alloc(32, seed + 1))
  return {
    keyPair,
    signal,
    wants: (remote) => !Buffer.from(keyPair.publicKey).equals(remote),
    connected: (stream) => {
      stream.on('error', () => {})
      streams.push(stream)
    },
    refuse: (stream) => stream.destroy(),
    fault: (error) => {
      throw error
    },
    online: () => {},
    note: () => {}
  }
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
