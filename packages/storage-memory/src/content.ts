import sorted from 'sorted-btree'

/**
 * A key or a value: one character a byte (latin1), which sorts as the bytes do. Nobody can write to it later
 * as to a buffer, and a short one takes a fifth of a buffer's memory.
 */
export type Bytes = string

export type Operation =
  | { readonly type: 'put'; readonly family: string; readonly key: Bytes; readonly value: Bytes }
  | { readonly type: 'delete'; readonly family: string; readonly key: Bytes }
  | { readonly type: 'delete-range'; readonly family: string; readonly start: Bytes; readonly end: Bytes }

/** Applied as a whole or not at all. */
export type WriteBatch = readonly Operation[]

export interface Bounds {
  readonly gt?: Bytes | undefined
  readonly gte?: Bytes | undefined
  readonly lt?: Bytes | undefined
  readonly lte?: Bytes | undefined
  readonly reverse?: boolean | undefined
}

type Entries = IterableIterator<[Bytes, Bytes]>
type Tree = sorted.default<Bytes, Bytes>

/** Whoever imports CommonJS as a bundler does is given the class, Node.js gives what is around it. */
const BTree = sorted.default ?? sorted

/** What a database holds: an ordered map for each column family. */
export class Content {
  readonly #families: Map<string, Tree>

  constructor(families = new Map<string, Tree>()) {
    this.#families = families
  }

  /** Bytes of all keys and values. Counts them, so that no write has to. */
  get bytes(): number {
    let bytes = 0
    for (const tree of this.#families.values()) {
      for (const [key, value] of tree.entries()) bytes += key.length + value.length
    }
    return bytes
  }

  get(family: string, key: Bytes): Bytes | undefined {
    return this.#families.get(family)?.get(key)
  }

  /**
   * Stops at the first entry out of bounds. Hence of `gt` with `gte`, or of `lt` with `lte`, that with `e` says
   * where to start, as in RocksDB.
   */
  *entries(family: string, { gt, gte, lt, lte, reverse = false }: Bounds): Entries {
    const tree = this.#families.get(family)
    if (tree === undefined) return
    const included = reverse ? lte : gte
    const first = included ?? (reverse ? lt : gt)
    for (const entry of reverse ? tree.entriesReversed(first) : tree.entries(first)) {
      const key = entry[0]
      if (key === first && included === undefined) continue
      if (gt !== undefined && key <= gt) return
      if (gte !== undefined && key < gte) return
      if (lt !== undefined && key >= lt) return
      if (lte !== undefined && key > lte) return
      yield entry
    }
  }

  /** @throws an Error for a range that ends before it starts, with nothing applied */
  apply(batch: WriteBatch): void {
    for (const operation of batch) {
      if (operation.type === 'delete-range' && operation.end < operation.start) {
        throw new Error('end key comes before start key')
      }
    }
    for (const operation of batch) this.#apply(operation)
  }

  /** Shares all nodes until one of both writes to them. */
  clone(): Content {
    const families = new Map<string, Tree>()
    for (const [name, tree] of this.#families) families.set(name, tree.clone())
    return new Content(families)
  }

  #apply(operation: Operation): void {
    const tree = this.#tree(operation.family)
    if (operation.type === 'put') tree.set(operation.key, operation.value)
    else if (operation.type === 'delete') tree.delete(operation.key)
    else tree.deleteRange(operation.start, operation.end, false)
  }

  #tree(family: string): Tree {
    let tree = this.#families.get(family)
    if (tree === undefined) {
      tree = new BTree<Bytes, Bytes>(undefined, compare)
      this.#families.set(family, tree)
    }
    return tree
  }
}

function compare(a: Bytes, b: Bytes): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
