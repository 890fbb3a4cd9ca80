import type { Duplex } from 'streamx'
import type { Bootstrap } from '../harness/dht.js'

/** A process opens its peer with these. The programs of 1.x take the same options and answer the same calls. */
export interface OpenOptions<Contender = 'ours' | 'raw'> {
  readonly contender: Contender
  readonly bootstrap: Bootstrap
  /** Folder in which it makes one for its store. */
  readonly directory: string
}

export interface JoinOptions {
  readonly announce: boolean
  readonly lookup: boolean
  /** Whether to wait until the topic is flushed, in the contender's own meaning of the word. */
  readonly flush: boolean
}

/** A contender that joins topics, and replicates its store with the peers that it connects to. */
export interface SwarmPeer {
  /** Announces a topic, looks it up, or both. */
  join(topic: Uint8Array, options: JoinOptions): Promise<void>
  /** How many peers are connected. */
  readonly connections: number
  /** Calls the listener with each connection from now on. */
  onconnection(listener: (stream: Duplex) => void): void
  close(): Promise<void>
}
