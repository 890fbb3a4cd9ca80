import {
  type HostOptions,
  MemoryNetwork,
  type MemoryNetworkOptions,
  type NetworkEvent,
  VirtualClock
} from '../src/index.js'
import { announce, type Connection, FakeHost, lookup, never, type Peer, stop, topic } from './peers.js'

export interface World {
  readonly network: MemoryNetwork
  readonly clock: VirtualClock
  readonly events: NetworkEvent[]
  /** A started peer on a host of this name. */
  peer(name: string, options?: HostOptions, host?: FakeHost): Peer
  /** Connects the first to the second; the connection as each of the two has it. */
  connect(a: Peer, b: Peer): Promise<[Connection, Connection]>
}

/** A test in virtual time, in a network in which each frame takes 10 ms. */
export function inWorld(run: (world: World) => Promise<void>, options: MemoryNetworkOptions = {}) {
  return async (): Promise<void> => {
    const clock = new VirtualClock()
    const events: NetworkEvent[] = []
    const onevent = (event: NetworkEvent) => void events.push(event)
    const network = new MemoryNetwork({ clock, onevent, link: { latency: 10 }, ...options })
    const all: Peer[] = []
    const peer = (name: string, hostOptions: HostOptions = {}, host = new FakeHost()) => {
      const transport = network.transport(network.host({ ...hostOptions, name }))
      transport.start(host)
      all.push({ host, transport })
      return { host, transport }
    }
    const connect = async (a: Peer, b: Peer): Promise<[Connection, Connection]> => {
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

/** What comes out of a connection, as text, from now on. */
export function texts({ stream }: Connection): string[] {
  const read: string[] = []
  stream.on('data', (data) => read.push(Buffer.from(data).toString()))
  return read
}

/** When a connection closed, once it has. */
export async function closing({ stream }: Connection, clock: VirtualClock): Promise<number> {
  if (!stream.destroyed) await new Promise<void>((resolve) => stream.once('close', resolve))
  return clock.now()
}

/** How a dial ended: how long that took, and the code of what the network says. */
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

/** The first announces, the second looks it up, and both connect. */
export async function meet(a: Peer, b: Peer): Promise<[Connection, Connection]> {
  a.transport.join(topic(), announce)
  b.transport.join(topic(), lookup)
  return Promise.all([a.host.connection(), b.host.connection()])
}
