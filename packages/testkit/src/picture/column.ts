import { NEVER } from './data.js'

/** A list of numbers that grows, in one typed array. */
export class Column {
  #values = new Float64Array(1_024)
  length = 0

  push(value: number): void {
    if (this.length === this.#values.length) {
      const grown = new Float64Array(this.length * 2)
      grown.set(this.#values)
      this.#values = grown
    }
    this.#values[this.length++] = value
  }

  at(index: number): number {
    return this.#values[index]!
  }

  set(index: number, value: number): void {
    this.#values[index] = value
  }

  /** Keeps only the rows for which a function returns true. */
  keep(isKept: (index: number) => boolean): void {
    let length = 0
    for (let index = 0; index < this.length; index++) {
      if (isKept(index)) this.#values[length++] = this.#values[index]!
    }
    this.length = length
  }

  toUint32(): Uint32Array {
    return Uint32Array.from(this.#values.subarray(0, this.length))
  }

  toUint8(): Uint8Array {
    return Uint8Array.from(this.#values.subarray(0, this.length))
  }

  /** The values, which are milliseconds, as ticks. Infinity becomes {@link NEVER}. */
  toTicks(tick: number): Uint32Array {
    const toTick = (time: number) => (time === Number.POSITIVE_INFINITY ? NEVER : Math.round(time / tick))
    return Uint32Array.from(this.#values.subarray(0, this.length), toTick)
  }
}
