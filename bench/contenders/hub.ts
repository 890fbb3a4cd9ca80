/** A contender that holds connections to many peers on the memory network. */
export interface Hub {
  /** Looks a topic up. Resolves when so many peers are connected. @returns their public keys */
  connect(topic: Uint8Array, count: number): Promise<Uint8Array[]>
  /** Ends all streams. Resolves when they are closed. */
  close(): Promise<void>
  /** Closes the store, which nobody else uses. */
  dispose(): Promise<void>
}

/** Name of the extension that ours and its peers have. */
export const HUB_EXTENSION = 'bench'
/** How a hub joins its topic. */
export const LOOKUP = { announce: false, lookup: true }
