import { Column } from './column.js'
import type { PictureData } from './data.js'
import { Numbering } from './numbering.js'

/** All dials of a run, with when each opened and closed. */
export class LinkTable {
  readonly #numbers = new Numbering<number>()
  readonly #from = new Column()
  readonly #to = new Column()
  readonly #dialled = new Column()
  readonly #opened = new Column()
  readonly #closed = new Column()
  readonly #open = new Set<number>()
  /** Open links of which one end died. */
  readonly #orphans = new Set<number>()

  dial(link: number, time: number, from: number, to: number): void {
    this.#numbers.of(link)
    this.#from.push(from)
    this.#to.push(to)
    this.#dialled.push(time)
    this.#opened.push(Number.POSITIVE_INFINITY)
    this.#closed.push(Number.POSITIVE_INFINITY)
  }

  accept(link: number, time: number): void {
    const row = this.#numbers.of(link)
    this.#opened.set(row, time)
    this.#open.add(row)
  }

  close(link: number, time: number): void {
    this.#end(this.#numbers.of(link), time)
  }

  /** A peer died. The other end of a link closes it at some time. When both ends died, no event tells that it closed. */
  kill(peer: number, time: number): void {
    for (const row of this.#open) {
      if (this.#from.at(row) !== peer && this.#to.at(row) !== peer) continue
      if (this.#orphans.has(row)) this.#end(row, time)
      else this.#orphans.add(row)
    }
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

  #end(row: number, time: number): void {
    this.#closed.set(row, time)
    this.#open.delete(row)
    this.#orphans.delete(row)
  }
}
