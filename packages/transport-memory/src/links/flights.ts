import type { Line } from '../host.js'
import type { Flight } from './flight.js'
import type { FullLinkShape } from './shape.js'

/** The most bytes that are joined to one piece, as in Linux's generic receive offload. */
const JOINED = 64 * 1024

/** All that is on its way in one direction, in the order in which it was sent. */
export class Flights {
  /** While it is true nothing arrives. */
  held = false
  #all: Flight[] = []
  #bytes = 0

  get all(): readonly Flight[] {
    return this.#all
  }

  get first(): Flight | undefined {
    return this.#all[0]
  }

  get bytes(): number {
    return this.#bytes
  }

  /** When the first one arrives, as far as is known now; infinity when nothing does. */
  get nextArrival(): number {
    const first = this.#all[0]
    return !first || this.held || first.held ? Number.POSITIVE_INFINITY : first.arrival
  }

  add(flight: Flight): void {
    this.#all.push(flight)
    this.#bytes += flight.size
  }

  /** Takes the first one out. */
  shift(): Flight | undefined {
    const flight = this.#all.shift()
    if (flight) this.#bytes -= flight.size
    return flight
  }

  /** @returns whether it was there */
  delete(flight: Flight): boolean {
    const index = this.#all.indexOf(flight)
    if (index === -1) return false
    this.#all.splice(index, 1)
    this.#bytes -= flight.size
    return true
  }

  clear(): void {
    this.#all = []
    this.#bytes = 0
  }

  /** Lets go of what one injected fault held, or all of them. */
  release(by?: object): void {
    for (const flight of this.#all) if (!by || flight.held === by) flight.held = null
  }

  /** How many arrive now, as one piece; 0 when none does. */
  due(now: number, { coalesce, slice }: FullLinkShape): number {
    if (this.held) return 0
    const flights = this.#all
    let count = 0
    let size = 0
    for (let due = flights[0]; due; due = flights[count]) {
      if (due.arrival > now || due.held) break
      size += due.size
      // A marker comes by itself. A frame that has yet to pass the line does not join one that has passed it.
      const joins =
        due.frame !== null &&
        coalesce > 0 &&
        size <= Math.min(slice, JOINED) &&
        due.received === flights[0]!.received
      if (count > 0 && !joins) break
      count++
      if (!joins) break
    }
    return count
  }

  /** @returns whether the first ones, so many of them, have passed the line of the host that they have reached */
  pass(line: Line, count: number, now: number): boolean {
    if (line.rate === Number.POSITIVE_INFINITY || this.first?.received) return true
    const piece = this.#all.slice(0, count)
    let through = now
    for (const flight of piece) through = line.pass(now, flight.size)
    for (const flight of piece) {
      flight.received = true
      flight.arrival = through
    }
    return through <= now
  }
}
