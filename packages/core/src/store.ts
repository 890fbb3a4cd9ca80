/** A core that a store has loaded, shared by all its sessions. */
export interface LoadedCore {
  readonly discoveryKey: Uint8Array | null
  /** Pending while it is read from disk. */
  readonly opening?: Promise<unknown> | null
  readonly replicator: {
    /** Above zero, `core.update()` waits for peers. */
    findingPeers: number
    queueUpdateAll(): void
  }
}

/** What the networker asks of a store. Corestore 7 meets it. */
export interface Store {
  replicate(stream: unknown): unknown
  readonly closing?: unknown
  readonly cores?: { get(discoveryKey: Uint8Array): LoadedCore | null | undefined }
  watch?(listener: (core: LoadedCore) => void): void
  unwatch?(listener: (core: LoadedCore) => void): void
}
