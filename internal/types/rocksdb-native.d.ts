declare module 'rocksdb-native' {
  type Data = Uint8Array | string

  interface Entry {
    readonly key: Buffer
    readonly value: Buffer | null
  }

  interface Range {
    gt?: Data
    gte?: Data
    lt?: Data
    lte?: Data
    reverse?: boolean
    limit?: number
    values?: boolean
  }

  interface Batch {
    flush(): Promise<void>
    tryFlush(): void
    destroy(): void
  }

  interface ReadBatch extends Batch {
    get(key: Data): Promise<Buffer | null>
  }

  interface WriteBatch extends Batch {
    put(key: Data, value: Data | null): Promise<void>
    delete(key: Data): Promise<void>
    deleteRange(start: Data, end: Data): Promise<void>
    tryPut(key: Data, value: Data | null): void
    tryDelete(key: Data): void
    tryDeleteRange(start: Data, end: Data): void
  }

  class RocksDB {
    constructor(path: string)
    readonly path: string
    readonly opened: boolean
    readonly closed: boolean
    readonly snapshotted: boolean
    ready(): Promise<void>
    session(options?: { columnFamily?: string; snapshot?: boolean }): RocksDB
    columnFamily(name: string): RocksDB
    snapshot(): RocksDB
    close(options?: { force?: boolean }): Promise<void>
    read(options?: { autoDestroy?: boolean }): ReadBatch
    write(options?: { autoDestroy?: boolean }): WriteBatch
    iterator(range?: Range): AsyncIterable<Entry> & { destroy(): void }
    keys(range?: Range): AsyncIterable<Buffer>
    peek(range?: Range): Promise<Entry | null>
    get(key: Data): Promise<Buffer | null>
    put(key: Data, value: Data | null): Promise<void>
    delete(key: Data): Promise<void>
    deleteRange(start: Data, end: Data): Promise<void>
    flush(): Promise<void>
    suspend(): Promise<void>
    resume(): Promise<void>
    compactRange(): Promise<void>
    approximateSize(start: Data, end: Data): Promise<number>
    isIdle(): boolean
    idle(): Promise<void>
  }

  export = RocksDB
}
