import type { Clock } from './clock.js'
import { draw } from './distribution.js'
import type { Scheduled } from './event-queue.js'
import type { Host } from './host.js'
import type { Random } from './random.js'
import type { FullShape } from './shape.js'

type Done = (error: Error | null) => void

/** What becomes of a frame: it passes, with a delay in milliseconds, changed, or not at all. */
export type Verdict = { readonly delay: number } | 'pass' | 'corrupt' | 'drop' | 'hold' | 'reset'

/** What a direction asks of its link. */
export interface DirectionOwner {
  readonly clock: Clock
  readonly random: Random
  judge(direction: Direction, frame: Uint8Array): Verdict
  reset(): void
  delivered(direction: Direction, flight: Flight): void
}

/** Where frames arrive. */
export interface Sink {
  /** @returns whether the reader has room for more */
  receive(frame: Buffer): boolean
}

/** What is on its way: a frame, or a sign such as that the writer has ended. */
export class Flight {
  readonly sent: number
  readonly size: number
  readonly frame: Buffer | null
  readonly sign: (() => void) | null
  arrival: number
  /** Whether it has reached the other host, whose line it may still have to pass. */
  received = false
  /** Kept back by a rule until somebody delivers it. */
  held = false

  constructor(sent: number, arrival: number, load: Buffer | (() => void)) {
    this.sent = sent
    this.arrival = arrival
    this.frame = typeof load === 'function' ? null : load
    this.sign = typeof load === 'function' ? load : null
    this.size = this.frame?.byteLength ?? 0
  }
}

/** One direction of a link. What is written arrives in order, after as long as the shape says. */
export class Direction {
  readonly from: Host
  readonly to: Host
  /** Unique in its network; of two frames that arrive at once, that of the lower goes first. */
  readonly rank: number
  readonly #owner: DirectionOwner
  #sink: Sink | null = null
  #shape: FullShape
  #flights: Flight[] = []
  #next: Scheduled | 'soon' | null = null
  #held = false
  /** What the writer waits for. */
  #done: Done | null = null
  #resume: Scheduled | null = null
  #full = false
  #underWay = 0
  #freeAt = 0
  #lastArrival = 0
  #pieceEnd = 0

  constructor(owner: DirectionOwner, from: Host, to: Host, rank: number, shape: FullShape) {
    this.from = from
    this.to = to
    this.rank = rank
    this.#owner = owner
    this.#shape = shape
  }

  /** In the order in which they were sent. */
  get flights(): readonly Flight[] {
    return this.#flights
  }

  /** Who reads at the other end. */
  set sink(sink: Sink) {
    this.#sink = sink
  }

  /** For what is written from now on. */
  set shape(shape: FullShape) {
    this.#shape = shape
    this.#offerRoom()
  }

  get held(): boolean {
    return this.#held
  }

  /** While it is held nothing arrives, and what was due arrives as soon as it is not. */
  set held(held: boolean) {
    this.#held = held
    this.#schedule()
  }

  /** @param done called when the writer may write on */
  write(frames: readonly Buffer[], done: Done): void {
    this.#done = done
    for (const frame of frames) this.#send(frame)
    this.#schedule()
    this.#offerRoom()
  }

  /** Something that the other end notices once it has everything that was written before. */
  sign(run: () => void): void {
    this.#fly(run, 0)
    this.#schedule()
  }

  /** The reader reads again. */
  makeRoom(): void {
    this.#full = false
    this.#offerRoom()
  }

  /** The writer is gone: it waits no longer. */
  abandon(): void {
    this.#resume?.cancel()
    const done = this.#done
    this.#done = null
    done?.(null)
  }

  /** Whatever is on its way is lost. */
  clear(): void {
    this.#flights = []
    this.#underWay = 0
    this.#schedule()
  }

  /** Lets go of what rules held. */
  release(): void {
    for (const flight of this.#flights) flight.held = false
    this.#schedule()
  }

  /** Delivers what is on its way up to and with this one, now. */
  deliver(flight: Flight): void {
    const index = this.#flights.indexOf(flight)
    for (const due of this.#flights.slice(0, index + 1)) {
      due.arrival = this.#owner.clock.now()
      due.received = true
      due.held = false
    }
    this.#deliverDue(true)
  }

  /** Takes one out of what is on its way, so that it never arrives. */
  drop(flight: Flight): void {
    const index = this.#flights.indexOf(flight)
    if (index === -1) return
    this.#flights.splice(index, 1)
    this.#underWay -= flight.size
    this.#schedule()
    this.#offerRoom()
  }

  #send(frame: Buffer): void {
    const verdict = this.#owner.judge(this, frame)
    if (verdict === 'reset') this.#owner.reset()
    if (verdict === 'reset' || verdict === 'drop') return
    const sent = verdict === 'corrupt' ? this.#corrupt(frame) : frame
    const delay = typeof verdict === 'object' ? verdict.delay : 0
    let start = 0
    do {
      const piece = sent.subarray(start, start + this.#shape.slice)
      this.#fly(piece, delay).held = verdict === 'hold'
      start += piece.byteLength
    } while (start < sent.byteLength)
  }

  #fly(load: Buffer | (() => void), delay: number): Flight {
    const now = this.#owner.clock.now()
    const { latency, coalesce } = this.#shape
    const size = typeof load === 'function' ? 0 : load.byteLength
    const departure = this.#depart(now, size)
    let arrival = Math.max(departure + draw(latency, this.#owner.random) + delay, this.#lastArrival)
    if (coalesce > 0) {
      if (arrival > this.#pieceEnd) this.#pieceEnd = arrival + coalesce
      arrival = this.#pieceEnd
    }
    this.#lastArrival = arrival
    this.#underWay += size
    const flight = new Flight(now, arrival, load)
    this.#flights.push(flight)
    return flight
  }

  #depart(now: number, size: number): number {
    this.#freeAt = Math.max(this.#freeAt, now) + size / this.#shape.rate
    return Math.max(this.#freeAt, this.from.up.pass(now, size))
  }

  #corrupt(frame: Buffer): Buffer {
    const changed = Buffer.from(frame)
    const at = this.#owner.random.below(changed.byteLength)
    changed[at] = changed[at]! ^ (1 << this.#owner.random.below(8))
    return changed
  }

  #schedule(): void {
    const [first] = this.#flights
    const waits = !first || this.#held || first.held
    if (this.#next === 'soon') return // it looks again
    if (this.#next && (waits || this.#next.time !== first.arrival)) {
      this.#next.cancel()
      this.#next = null
    }
    if (waits || this.#next) return
    const { clock } = this.#owner
    if (first.arrival > clock.now()) {
      this.#next = clock.at(first.arrival, this.#arrive, this.rank)
      return
    }
    this.#next = 'soon'
    clock.soon(this.#arrive, this.rank)
  }

  #arrive = (): void => {
    this.#next = null
    this.#deliverDue(false)
  }

  #deliverDue(byHand: boolean): void {
    const now = this.#owner.clock.now()
    for (let due = this.#flights[0]; due; due = this.#flights[0]) {
      if (due.arrival > now || due.held || (this.#held && !byHand)) break
      if (!due.received) {
        due.received = true
        due.arrival = this.to.down.pass(now, due.size)
        if (due.arrival > now) break
      }
      this.#flights.shift()
      this.#land(due, now)
    }
    this.#schedule()
    this.#offerRoom()
  }

  #land(flight: Flight, now: number): void {
    this.#underWay -= flight.size
    this.#owner.delivered(this, flight)
    if (flight.frame) this.#read(flight.frame, now)
    else flight.sign?.()
  }

  #read(frame: Buffer, now: number): void {
    const pieces = [frame]
    // What was coalesced arrives as one piece.
    for (let next = this.#flights[0]; this.#shape.coalesce > 0 && next?.frame; next = this.#flights[0]) {
      if (next.arrival > now || next.held) break
      this.#flights.shift()
      this.#underWay -= next.size
      this.#owner.delivered(this, next)
      pieces.push(next.frame)
    }
    const [only] = pieces
    this.#full = !this.#sink!.receive(pieces.length === 1 ? only! : Buffer.concat(pieces))
  }

  /** Lets the writer write on, as soon as there is room at the reader, on the way, and in the queue. */
  #offerRoom(): void {
    if (!this.#done || this.#full || this.#underWay > this.#window) return
    const { clock } = this.#owner
    const queued = this.#shape.queue / this.#rate
    const free = Math.max(this.#freeAt, this.from.up.freeAt) - queued
    this.#resume?.cancel()
    if (free > clock.now()) {
      this.#resume = clock.at(free, () => this.#offerRoom(), this.rank)
      return
    }
    const done = this.#done
    this.#done = null
    done(null)
  }

  get #rate(): number {
    return Math.min(this.#shape.rate, this.from.up.rate, this.to.down.rate)
  }

  get #window(): number {
    const { window, delay } = this.#shape
    const rate = this.#rate
    return window > 0 && rate < Number.POSITIVE_INFINITY ? Math.max(window, 2 * rate * delay) : window
  }
}
