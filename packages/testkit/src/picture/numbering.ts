/** Numbers keys from 0 on, in the order in which they first appear. */
export class Numbering<T> {
  readonly keys: T[] = []
  readonly #numbers = new Map<T, number>()

  of(key: T): number {
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    this.#numbers.set(key, this.keys.length)
    return this.keys.push(key) - 1
  }
}
