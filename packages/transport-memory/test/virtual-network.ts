import { type RecordedConnection, RecordingHost } from '@basestore/conformance'
import {
  type HostOptions,
  MemoryNetwork,
  type MemoryNetworkOptions,
  type NetworkEvent,
  VirtualClock
} from '../src/index.js'
import { announce, lookup, never, type Peer, stop, topic } from './peers.js'

/** The surroundings of a test in virtual time. */
export interface VirtualNetworkContext {
  readonly network: MemoryNetwork
  readonly clock: VirtualClock
  readonly events: NetworkEvent[]
  /** A started peer on a host of this name. */
  peer(name: string, options?: HostOptions, host?: RecordingHost): Peer
  /** The first dials the second. Returns both ends of the connection, the dialler's first. */
  connect(a: Peer, b: Peer): Promise<[RecordedConnection, RecordedConnection]>
}

/** A test in virtual time, in a network in which each frame takes 10 ms by default. */
export function inVirtualNetwork(
  run: (context: VirtualNetworkContext) => Promise<void>,
  options: MemoryNetworkOptions = {}
) {
  return async (): Promise<void> => {
    const clock = new VirtualClock()
    const events: NetworkEvent[] = []
    const onevent = (event: NetworkEvent) => void events.push(event)
    const network = new MemoryNetwork({ clock, onevent, link: { latency: 10 }, ...options })
    const all: Peer[] = []
    const peer = (name: string, hostOptions: HostOptions = {}, host = new RecordingHost()) => {
      const transport = network.transport(network.host({ ...hostOptions, name }))
      transport.start(host)
      all.push({ host, transport })
      return { host, transport }
    }
    const connect = async (a: Peer, b: Peer): Promise<[RecordedConnection, RecordedConnection]> => {
      const [atA, atB] = [a.host.connections.length, b.host.connections.length]
      await a.transport.connect!(b.host.keyPair.publicKey, { signal: never })
      return Promise.all([a.host.connection(atA), b.host.connection(atB)])
    }
    await clock.run(async () => {
      try {
        await run({ network, clock, events, peer, connect })
      } finally {
        network.heal()
        await stop(...all)
      }
    })
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** Collects the texts that a connection receives from now on. */
export function texts({ stream }: RecordedConnection): string[] {
  const read: string[] = []
  stream.on('data', (data) => read.push(Buffer.from(data).toString()))
  return read
}

/** Waits until a connection has closed, and returns the time. */
export async function closing({ closed }: RecordedConnection, clock: VirtualClock): Promise<number> {
  await closed
  return clock.now()
}

/** Dials. Returns how long that took (ms), and the code of the innermost error, or `opened`. */
export async function dial(
  from: Peer,
  to: Peer,
  clock: VirtualClock
): Promise<{ took: number; code: string }> {
  const began = clock.now()
  const code = await from.transport.connect!(to.host.keyPair.publicKey, { signal: never }).then(
    () => 'opened',
    (error) => codes(error).at(-1)!
  )
  return { took: Math.round(clock.now() - began), code }
}

function codes(error: unknown): string[] {
  const { code, cause } = error as { code?: string; cause?: unknown }
  return [...(code ? [code] : []), ...(cause ? codes(cause) : [])]
}

/** Connects two peers by a topic: the first announces it, the second looks it up. */
export async function meet(a: Peer, b: Peer): Promise<[RecordedConnection, RecordedConnection]> {
  a.transport.join(topic(), announce)
  b.transport.join(topic(), lookup)
  return Promise.all([a.host.connection(), b.host.connection()])
}
