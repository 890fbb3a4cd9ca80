import type { Duplex } from 'streamx'

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
