declare module 'hypercore' {
  import type { EventEmitter } from 'node:events'
  import type { Readable } from 'streamx'

  interface Peer {
    readonly remotePublicKey: Buffer
    readonly remoteLength: number
    readonly remoteContiguousLength: number
  }

  interface Download {
    done(): Promise<void>
    destroy(): void
  }

  class Hypercore extends EventEmitter {
    /** The storage that Corestore would make of a path, with RocksDB's options. */
    static defaultStorage(path: string, options?: { writeBufferSize?: number }): unknown
    /** The key in z32. */
    readonly id: string
    readonly key: Buffer
    readonly discoveryKey: Buffer
    readonly length: number
    readonly byteLength: number
    readonly contiguousLength: number
    readonly writable: boolean
    readonly opened: boolean
    readonly closed: boolean
    readonly peers: readonly Peer[]
    ready(): Promise<void>
    close(): Promise<void>
    append(block: Uint8Array | string | readonly (Uint8Array | string)[]): Promise<{ length: number }>
    get(
      index: number,
      options?: { wait?: boolean; timeout?: number; valueEncoding?: string }
    ): Promise<Buffer>
    has(start: number, end?: number): Promise<boolean>
    update(options?: { wait?: boolean }): Promise<boolean>
    clear(start: number, end?: number): Promise<unknown>
    download(range?: { start?: number; end?: number; linear?: boolean; blocks?: readonly number[] }): Download
    createReadStream(options?: { start?: number; end?: number; live?: boolean }): Readable<Buffer>
    replicate(streamOrInitiator: unknown, options?: object): unknown
    findingPeers(): () => void
  }

  export = Hypercore
}
