import type { MemoryNetwork } from '@basestore/transport-memory'
import type { TraceEvent } from './trace.js'
import type { WatchedClock } from './watched-clock.js'

/** The part of the run that a peer needs. */
export interface PeerContext {
  readonly seed: string
  readonly clock: WatchedClock
  readonly network: MemoryNetwork
  readonly storage: 'memory' | 'rocksdb'
  /** Where RocksDB's files are; null when stores are in memory. */
  readonly directory: string | null
  /** Aborts when the run ends. */
  readonly signal: AbortSignal
  record(event: TraceEvent): void
  note(text: string): void
  fail(error: unknown): void
  /** Does work that a peer waits for. When the run is stuck, its failure lists `why`. */
  during<T>(why: string, work: (signal: AbortSignal) => Promise<T>): Promise<T>
  /** Tells whose key this is, so that messages can name the peer. */
  addKey(publicKey: Uint8Array, name: string): void
  /** A networker got or lost a peer. */
  onconnection(name: string, remotePublicKey: Uint8Array, open: boolean): void
  /** Keeps the run open until a life has closed. @param closing never rejects */
  addClosing(name: string, closing: Promise<void>): void
}
