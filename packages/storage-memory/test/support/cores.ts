import Corestore from 'corestore'

/** The methods of a Hypercore that the program uses. The repository's own types have fewer. */
export interface FullCore {
  readonly key: Buffer
  readonly discoveryKey: Buffer
  readonly length: number
  readonly fork: number
  readonly byteLength: number
  readonly contiguousLength: number
  ready(): Promise<void>
  close(): Promise<void>
  append(blocks: Buffer | string | (Buffer | string)[]): Promise<unknown>
  truncate(length: number, options?: { fork?: number }): Promise<void>
  clear(start: number, end: number): Promise<unknown>
  get(index: number, options?: { wait?: boolean; timeout?: number }): Promise<Buffer | null>
  has(index: number): Promise<boolean>
  seek(bytes: number, options?: { wait?: boolean }): Promise<[number, number]>
  treeHash(length?: number): Promise<Buffer>
  update(options?: { wait?: boolean }): Promise<boolean>
  setUserData(key: string, value: string): Promise<void>
  getUserData(key: string): Promise<Buffer | null>
  snapshot(): FullCore
  session(options: { name?: string; atom?: Atom; checkout?: number }): FullCore
  commit(session: FullCore): Promise<unknown>
  compact(): Promise<unknown>
  createReadStream(options?: object): AsyncIterable<Buffer>
  createByteStream(options?: object): AsyncIterable<Buffer>
  download(range: { start: number; end: number }): { done(): Promise<unknown> }
  readonly core: { readonly header: unknown }
  readonly state: { readonly storage: CoreStorage }
}

export interface Atom {
  flush(): Promise<void>
}

/** The storage of one core in hypercore-storage. */
export interface CoreStorage {
  createBlockStream(options?: object): AsyncIterable<unknown>
  createTreeNodeStream(options?: object): AsyncIterable<unknown>
  createBitfieldStream(options?: object): AsyncIterable<unknown>
  createUserDataStream(options?: object): AsyncIterable<unknown>
}

/** The storage of a Corestore in hypercore-storage. */
export interface Storage {
  createAtom(): Atom
  createCoreStream(): AsyncIterable<unknown>
  createAliasStream(namespace: Buffer): AsyncIterable<unknown>
  export(discoveryKey: Buffer, options?: { batches?: boolean }): Promise<unknown>
  getInfos(discoveryKeys: Buffer[]): Promise<unknown>
  getDefaultDiscoveryKey(): Promise<Buffer>
  setRecovering(): Promise<void>
  compact(): Promise<void>
  flush(): Promise<void>
  deleteCore(pointer: unknown): Promise<void>
}

export interface FullStore {
  readonly storage: Storage
  get(options: { name: string } | { key: Buffer }): FullCore
  namespace(name: string): FullStore & { readonly ns: Buffer }
  list(namespace?: Buffer): AsyncIterable<Buffer>
  audit(): AsyncIterable<unknown>
  suspend(): Promise<void>
  resume(): Promise<void>
  ready(): Promise<void>
  close(): Promise<void>
  replicate(isInitiator: boolean): Stream
}

interface Stream {
  pipe(other: Stream): Stream
  destroy(): void
  on(event: 'error', listener: () => void): void
  once(event: 'close', listener: () => void): void
}

/** A store with the same key pairs on every run, so that it stores the same content. */
export function storeOn(database: unknown, seed: number): FullStore {
  const primaryKey = Buffer.alloc(32, seed)
  return new Corestore(database, { primaryKey, unsafe: true }) as unknown as FullStore
}

/** Replicates while the work goes on. */
export async function replicating<T>(a: FullStore, b: FullStore, work: () => Promise<T>): Promise<T> {
  const streams = [a.replicate(true), b.replicate(false)] as const
  const closed = Promise.all(
    streams.map((stream) => new Promise<void>((resolve) => stream.once('close', resolve)))
  )
  for (const stream of streams) stream.on('error', () => {}) // each one's end destroys the other
  streams[0].pipe(streams[1]).pipe(streams[0])
  try {
    return await work()
  } finally {
    for (const stream of streams) stream.destroy()
    await closed
  }
}
