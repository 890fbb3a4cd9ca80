import type { MemoryNetwork } from '@basestore/transport-memory'
import type { SimulatedPeer } from './peer.js'
import type { TraceEvent } from './trace.js'
import type { WatchedClock } from './watched-clock.js'

/** What a peer needs of the run that it is in. */
export interface World {
  readonly seed: string
  readonly clock: WatchedClock
  readonly network: MemoryNetwork
  readonly storage: 'memory' | 'rocksdb'
  /** Where RocksDB's files are. */
  readonly directory: string | null
  /** Aborted when the run is over. */
  readonly signal: AbortSignal
  record(event: TraceEvent): void
  note(text: string): void
  /** Has the trace say of what a function does at once that it is part of a planned fault. */
  because<T>(fault: number, work: () => T): T
  fail(error: unknown): void
  /** Waits for something, and says so when the run does not get on. */
  during<T>(why: string, work: (signal: AbortSignal) => Promise<T>): Promise<T>
  addKey(publicKey: Uint8Array, peer: SimulatedPeer): void
  onconnection(peer: SimulatedPeer, remotePublicKey: Uint8Array, open: boolean): void
  /** Something that ends by itself, and which the end of the run waits for. Whoever began it hears of its errors. */
  bury(what: string, ending: Promise<void>): void
}
