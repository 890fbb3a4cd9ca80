import type { Duplex } from 'streamx'
import type { Bootstrap } from '../harness/dht.js'

/** What a process is told that opens one. 1.x is a program of its own, which is told and asked alike. */
export interface OpenOptions<Contender = 'ours' | 'raw'> {
  readonly contender: Contender
  readonly bootstrap: Bootstrap
  /** Where it makes a folder for its store. */
  readonly directory: string
}

/** What a contender does with a store and a node of the DHT. */
export interface SwarmPeer {
  /**
   * Announces, looks up, or both.
   *
   * @param flush whether to wait until the topic is flushed, in the contender's own meaning of it
   */
  join(topic: Uint8Array, options: { announce: boolean; lookup: boolean; flush: boolean }): Promise<void>
  /** One for each peer. */
  readonly connections: number
  /** Called with each connection. */
  onconnection(listener: (stream: Duplex) => void): void
  close(): Promise<void>
}
