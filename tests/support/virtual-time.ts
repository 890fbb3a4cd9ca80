import { Networker, type NetworkerOptions, type Peer } from '@basestore/networker'
import type { KeyPair, Transport } from '@basestore/networker/transport'
import { MemoryNetwork, type MemoryNetworkOptions, VirtualClock } from '@basestore/transport-memory'
import NoiseSecretStream from '@hyperswarm/secret-stream'

export interface VirtualTime {
  readonly clock: VirtualClock
  network(options?: MemoryNetworkOptions): MemoryNetwork
  /** A networker without a store. It is closed when the test ends. */
  networker(transports: readonly Transport[], options?: Omit<NetworkerOptions, 'transports'>): Networker
}

/** Runs a test in virtual time, closes its networkers however it ends, and expects that no timer is left then. */
export async function inVirtualTime(run: (time: VirtualTime) => Promise<void>): Promise<void> {
  const clock = new VirtualClock()
  const networkers: Networker[] = []
  await clock.run(async () => {
    try {
      await run({
        clock,
        network: (options) => new MemoryNetwork({ clock, link: { latency: 30 }, ...options }),
        networker: (transports, options) => {
          const store = { replicate: () => {}, closing: null }
          const networker = new Networker(store, { ...options, transports: [...transports] })
          networkers.push(networker)
          return networker
        }
      })
    } finally {
      await Promise.all(networkers.map((networker) => networker.close()))
    }
  })
  if (clock.pending > 0) throw new Error(`${clock.pending} timers or frames are left`)
}

export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** Two key pairs, the one with the lesser public key first: its peer chooses among several streams. */
export function orderedKeyPairs(): [KeyPair, KeyPair] {
  const pairs = [NoiseSecretStream.keyPair(), NoiseSecretStream.keyPair()]
  return pairs.sort((a, b) => Buffer.compare(a.publicKey, b.publicKey)) as [KeyPair, KeyPair]
}

/** Writes down, in order, what a networker and an extension of it are told of peers. */
export function eventsOf(networker: Networker, extension = 'x'): string[] {
  const events: string[] = []
  for (const event of ['peer-add', 'peer-remove'] as const) {
    networker.on(event, () => events.push(event))
  }
  networker.registerExtension(extension, {
    onopen: () => events.push('onopen'),
    onclose: () => events.push('onclose')
  })
  return events
}

/** The virtual times of an event (ms). */
export function timesOf(
  networker: Networker,
  event: 'peer-add' | 'peer-remove',
  clock: VirtualClock
): number[] {
  const times: number[] = []
  networker.on(event, () => times.push(clock.now()))
  return times
}

export const only = ({ peers }: Networker) => [...peers][0] as Peer
