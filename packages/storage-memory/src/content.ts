import sorted from 'sorted-btree'
import { StorageError } from './errors.js'

/**
 * A key or a value as a string with one character for each byte (latin1). Such strings sort as their bytes do. Unlike
 * a buffer, a string cannot be changed later, and a short one takes a fifth of the memory.
 */
export type Bytes = string

export type Operation =
  | { readonly type: 'put'; readonly family: string; readonly key: Bytes; readonly value: Bytes }
  | { readonly type: 'delete'; readonly family: string; readonly key: Bytes }
  | { readonly type: 'delete-range'; readonly family: string; readonly start: Bytes; readonly end: Bytes }

/** Operations that are applied together, or not at all. */
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

/** Bundlers import the class of this CommonJS module as the default; Node.js imports the module around it. */
const BTree = sorted.default ?? sorted

/** The content of a database: an ordered map for each column family. */
export class Content {
  readonly #families: Map<string, Tree>

  constructor(families = new Map<string, Tree>()) {
    this.#families = families
  }

  /** Bytes of all keys and values. Counted here, so that a write does not have to. */
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
   * The entries of a range, up to the first one out of bounds. When both `gt` and `gte` are given (or `lt` and `lte`),
   * the iteration starts at `gte` (or `lte`), as in RocksDB.
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

  /** @throws StorageError `INVALID_RANGE` for a range that ends before it starts; then nothing is applied */
  apply(batch: WriteBatch): void {
    for (const operation of batch) {
      if (operation.type === 'delete-range' && operation.end < operation.start) {
        throw new StorageError('INVALID_RANGE', 'end key comes before start key')
      }
    }
    for (const operation of batch) this.#apply(operation)
  }

  /** A copy. It shares each node of the trees with the original until one of the two writes to that node. */
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
