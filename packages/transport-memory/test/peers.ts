import { RecordingHost } from '@basestore/conformance'
import type { KeyPair, Transport } from '@basestore/networker/transport'
import NoiseSecretStream from '@hyperswarm/secret-stream'
import { expect } from 'vitest'
import { MemoryNetwork } from '../src/index.js'

export interface Peer {
  readonly host: RecordingHost
  readonly transport: Transport
}

/** Started peers of one network. */
export function peers(network: MemoryNetwork, count: number): Peer[] {
  return Array.from({ length: count }, () => peer(network))
}

export function peer(network: MemoryNetwork, host = new RecordingHost()): Peer {
  const transport = network.transport()
  transport.start(host)
  return { host, transport }
}

/** Runs a test with peers of one network, and stops them however it ends. */
export async function withPeers(
  count: number,
  run: (...all: [Peer, Peer, Peer, Peer, ...Peer[]]) => Promise<void>
): Promise<void> {
  const all = peers(new MemoryNetwork(), count)
  try {
    await run(...(all as [Peer, Peer, Peer, Peer, ...Peer[]]))
  } finally {
    await stop(...all)
  }
}

/** Stops peers as a networker does: the signal first, the streams last. */
export async function stop(...stopping: Peer[]): Promise<void> {
  for (const { host } of stopping) host.abort()
  await Promise.all(stopping.map(({ transport }) => transport.stop()))
  for (const { host } of stopping) for (const { stream } of host.connections) stream.destroy()
  for (const { host } of stopping) expect(host.breaches).toEqual([])
}

export function keyPair(): KeyPair {
  return NoiseSecretStream.keyPair()
}

/** Waits for the next turn of the event loop. A perfect network works in microtasks alone: it is idle by then. */
export function idle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

export const never = new AbortController().signal
export const both = { announce: true, lookup: true }
export const announce = { announce: true, lookup: false }
export const lookup = { announce: false, lookup: true }

export function topic(n = 1): Buffer {
  const bytes = Buffer.alloc(32)
  bytes.writeUInt32BE(n)
  return bytes
}
