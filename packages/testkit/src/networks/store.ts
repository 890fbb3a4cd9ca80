import type { LoadedCore, Store } from '@basestore/networker'

/** The part of a Hypercore that `waitForBlocks` uses. */
export interface ReplicatedCore {
  readonly peers: readonly unknown[]
  /** With `core` and `key`, a failure message can tell whose core it is, and which blocks the other peers have. */
  readonly core?: LoadedCore | null
  readonly key?: Uint8Array | null
  ready(): Promise<void>
  has(start: number, end?: number): Promise<boolean>
  download(range: { start: number; end: number }): { done(): Promise<unknown>; destroy(): void }
}

/** The part of a Hypercore that tests use most. A {@link TestStore} returns these. */
export interface TestCore extends ReplicatedCore {
  readonly key: Buffer
  readonly discoveryKey: Buffer
  readonly length: number
  readonly contiguousLength: number
  readonly writable: boolean
  append(block: Uint8Array | string | readonly (Uint8Array | string)[]): Promise<{ length: number }>
  get(index: number, options?: { wait?: boolean; timeout?: number }): Promise<Buffer>
  update(options?: { wait?: boolean }): Promise<boolean>
  close(): Promise<void>
}

/** The Corestore of one networker, with the methods that tests use most. */
export interface TestStore extends Store {
  get(options: { name: string } | { key: Uint8Array | string }): TestCore
  namespace(name: string): TestStore
  createKeyPair(name: string): Promise<{ publicKey: Buffer; secretKey: Buffer }>
  ready(): Promise<void>
  close(): Promise<void>
}
