// These modules have no types of their own. The declarations contain only what the tests use.

declare module 'hyperbee' {
  class Hyperbee {
    constructor(core: unknown, options: { keyEncoding: string; valueEncoding: string })
    put(key: string, value: string): Promise<void>
    createReadStream(): AsyncIterable<{ key: string; value: string }>
    close(): Promise<void>
  }
  export = Hyperbee
}

declare module 'hyperdrive' {
  class Hyperdrive {
    constructor(store: unknown)
    put(path: string, content: Uint8Array): Promise<unknown>
    get(path: string): Promise<Buffer | null>
    list(folder: string): AsyncIterable<{ key: string }>
    close(): Promise<void>
  }
  export = Hyperdrive
}

declare module 'autobase' {
  interface View {
    readonly length: number
    get(index: number): Promise<string>
    append(value: string): Promise<unknown>
  }

  class Autobase {
    constructor(
      store: unknown,
      bootstrap: null,
      options: {
        valueEncoding: string
        open(store: { get(options: object): View }): View
        apply(nodes: readonly { value: string }[], view: View): Promise<void>
      }
    )
    readonly view: View
    ready(): Promise<void>
    append(value: string): Promise<unknown>
    update(): Promise<unknown>
    close(): Promise<void>
  }
  export = Autobase
}
