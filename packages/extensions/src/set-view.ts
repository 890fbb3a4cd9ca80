/** What newer versions of a runtime and of TypeScript add to a set, all of it reading. */
const NEWER = [
  'union',
  'intersection',
  'difference',
  'symmetricDifference',
  'isSubsetOf',
  'isSupersetOf',
  'isDisjointFrom'
]

/** A set to read only: it shows what another set holds now. */
export class SetView<T> {
  readonly #set: ReadonlySet<T>

  static {
    for (const name of NEWER) {
      const method = (Set.prototype as unknown as Record<string, unknown>)[name]
      if (typeof method !== 'function') continue
      const value = function (this: SetView<unknown>, other: unknown): unknown {
        return method.call(this.#set, other)
      }
      Object.defineProperty(SetView.prototype, name, { value, writable: true, configurable: true })
    }
  }

  constructor(set: ReadonlySet<T>) {
    this.#set = set
  }

  get size(): number {
    return this.#set.size
  }

  get [Symbol.toStringTag](): string {
    return 'Set'
  }

  has(value: T): boolean {
    return this.#set.has(value)
  }

  forEach(call: (value: T, same: T, set: ReadonlySet<T>) => void, self?: unknown): void {
    for (const value of this.#set) call.call(self, value, value, this)
  }

  keys(): SetIterator<T> {
    return this.#set.keys()
  }

  values(): SetIterator<T> {
    return this.#set.values()
  }

  entries(): SetIterator<[T, T]> {
    return this.#set.entries()
  }

  [Symbol.iterator](): SetIterator<T> {
    return this.#set[Symbol.iterator]()
  }

  [Symbol.for('nodejs.util.inspect.custom')](
    _depth: number,
    options: object,
    inspect: (value: unknown, options: object) => string
  ): string {
    return inspect(new Set(this.#set), options)
  }
}
