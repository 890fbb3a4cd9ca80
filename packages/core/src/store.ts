/** A core that a store has loaded, shared by all its sessions. */
export interface LoadedCore {
  readonly discoveryKey: Uint8Array | null
  /** 32 bytes with which others read the core; null until it is known. */
  readonly key?: Uint8Array | null
  /** Pending while the core is read from disk. */
  readonly opening?: Promise<unknown> | null
  readonly replicator: {
    /** Above zero, `core.update()` waits for peers. */
    findingPeers: number
    queueUpdateAll(): void
  }
}

/** The part of a store that the networker uses. Corestore 7 has it. */
export interface Store {
  replicate(stream: unknown): unknown
  readonly closing?: unknown
  readonly cores?: {
    get(discoveryKey: Uint8Array): LoadedCore | null | undefined
    [Symbol.iterator]?(): Iterator<unknown>
  }
  watch?(listener: (core: LoadedCore) => void): void
  unwatch?(listener: (core: LoadedCore) => void): void
}
