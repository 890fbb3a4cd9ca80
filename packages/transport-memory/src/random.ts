/** FNV-1a's offset basis and prime, 32 bits. */
const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193
/** Rounds after which a poor seed no longer shows. PractRand does as many. */
const WARM_UP = 12

/**
 * Random numbers that follow from a seed. The generator is sfc32 of Chris Doty-Humphrey's PractRand (public domain).
 * FNV-1a hashes of the seed fill its state.
 */
export class Random {
  #a: number
  #b: number
  #c: number
  #counter = 1

  constructor(seed: string) {
    this.#a = hash(seed, 'a')
    this.#b = hash(seed, 'b')
    this.#c = hash(seed, 'c')
    for (let i = 0; i < WARM_UP; i++) this.#next()
  }

  /** At least 0 and below 1, in steps of 2 ** -32. */
  unit(): number {
    return this.#next() / 2 ** 32
  }

  /** A whole number of at least 0 and below the limit. */
  below(limit: number): number {
    return Math.floor(this.unit() * limit)
  }

  /** True as often as the share says, from 0 for never to 1 for always. */
  chance(share: number): boolean {
    return this.unit() < share
  }

  /** Reorders the items in place. Each order is as likely as any other. */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1)
      const item = items[i]!
      items[i] = items[j]!
      items[j] = item
    }
    return items
  }

  /** An unsigned number of 32 bits. */
  #next(): number {
    const sum = (this.#a + this.#b + this.#counter++) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return sum >>> 0
  }
}

function hash(seed: string, salt: string): number {
  let sum = FNV_OFFSET
  for (const character of salt + seed) sum = Math.imul(sum ^ character.codePointAt(0)!, FNV_PRIME)
  return sum
}
