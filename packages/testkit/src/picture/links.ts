import { Column } from './column.js'
import type { PictureData } from './data.js'
import { Numbering } from './numbering.js'

/** Each dial, and what became of it. */
export class LinkTable {
  readonly #numbers = new Numbering<number>()
  readonly #from = new Column()
  readonly #to = new Column()
  readonly #dialled = new Column()
  readonly #opened = new Column()
  readonly #closed = new Column()

  dial(link: number, time: number, from: number, to: number): void {
    this.#numbers.of(link)
    this.#from.push(from)
    this.#to.push(to)
    this.#dialled.push(time)
    this.#opened.push(Number.POSITIVE_INFINITY)
    this.#closed.push(Number.POSITIVE_INFINITY)
  }

  accept(link: number, time: number): void {
    this.#opened.set(this.#numbers.of(link), time)
  }

  close(link: number, time: number): void {
    this.#closed.set(this.#numbers.of(link), time)
  }

  finish(tick: number): PictureData['links'] {
    return {
      from: this.#from.toUint32(),
      to: this.#to.toUint32(),
      dialled: this.#dialled.toTicks(tick),
      opened: this.#opened.toTicks(tick),
      closed: this.#closed.toTicks(tick)
    }
  }
}
