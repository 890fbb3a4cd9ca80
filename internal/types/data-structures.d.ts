// These modules have no types of their own. The declarations contain only what the tests use.

declare module 'hyperbee' {
  class Hyperbee {
    constructor(core: unknown, options: { keyEncoding: string; valueEncoding: string })
    readonly core: { readonly key: Buffer }
    readonly discoveryKey: Buffer | null
    ready(): Promise<void>
    put(key: string, value: string): Promise<void>
    get(key: string): Promise<{ value: string } | null>
    update(options: { wait: boolean }): Promise<unknown>
    createReadStream(): AsyncIterable<{ key: string; value: string }>
    close(): Promise<void>
  }
  export = Hyperbee
}

declare module 'hyperdrive' {
  class Hyperdrive {
    constructor(store: unknown, key?: Uint8Array)
    readonly key: Buffer
    readonly discoveryKey: Buffer | null
    readonly blobs: { readonly core: { readonly key: Buffer; readonly discoveryKey: Buffer } } | null
    ready(): Promise<void>
    put(path: string, content: Uint8Array): Promise<unknown>
    get(path: string): Promise<Buffer | null>
    update(options: { wait: boolean }): Promise<unknown>
    list(folder: string): AsyncIterable<{ key: string }>
    close(): Promise<void>
  }
  export = Hyperdrive
}

declare module 'autobase' {
  import type { EventEmitter } from 'node:events'

  interface View {
    readonly length: number
    get(index: number): Promise<string>
    append(value: string): Promise<unknown>
  }

  /** The part of the base that `apply` may change. */
  interface Host {
    addWriter(key: Uint8Array, options?: { indexer?: boolean }): Promise<void>
  }

  class Autobase extends EventEmitter {
    constructor(
      store: unknown,
      bootstrap: Uint8Array | null,
      options: {
        valueEncoding: string
        open(store: { get(options: object): View }): View
        apply(nodes: readonly { value: string }[], view: View, host: Host): Promise<void>
      }
    )
    readonly key: Buffer
    readonly discoveryKey: Buffer | null
    readonly local: { readonly key: Buffer }
    readonly writable: boolean
    readonly view: View
    ready(): Promise<void>
    append(value: string): Promise<unknown>
    update(): Promise<unknown>
    close(): Promise<void>
  }
  export = Autobase
}
