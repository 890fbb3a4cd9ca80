import type { Host } from '../host.js'
import { Random } from '../random.js'
import type { Clock } from '../time/clock.js'
import type { Scheduled } from '../time/event-queue.js'
import { cut, Flight, turnBit } from './flight.js'
import { Flights } from './flights.js'
import type { FullShape } from './shape.js'
import { isInstant, Timetable } from './timetable.js'

type Done = (error: Error | null) => void

/** What becomes of a frame: it passes, with a delay in milliseconds, changed, or not at all. */
export type Verdict = { readonly delay: number } | 'pass' | 'corrupt' | 'drop' | 'hold' | 'reset'

/** A verdict with whoever keeps a frame back, and lets go of it later. */
export type Judgement = Exclude<Verdict, 'hold'> | { readonly hold: object }

/** What a direction asks of its link. */
export interface DirectionOwner {
  readonly clock: Clock
  /** @param index how many were written before it in this direction */
  judge(direction: Direction, frame: Uint8Array, index: number): Judgement
  reset(): void
  delivered(direction: Direction, flight: Flight): void
  /** It will never arrive. */
  lost?(direction: Direction, flight: Flight): void
}

/** Where frames arrive. */
export interface Sink {
  /** @returns whether the reader has room for more */
  receive(frame: Buffer): boolean
}

export interface DirectionOptions {
  readonly owner: DirectionOwner
  readonly from: Host
  readonly to: Host
  /** Unique in its network; of two frames that arrive at once, that of the lower goes first. */
  readonly rank: number
  /** Names its chances, which are its own. */
  readonly chances: string
  readonly shape: FullShape
}

/** One direction of a link. What is written arrives in order, after as long as the shape says. */
export class Direction {
  readonly from: Host
  readonly to: Host
  readonly #rank: number
  readonly #owner: DirectionOwner
  #shape: FullShape
  /** Undefined as long as nothing was delayed: most directions never need one. */
  #timetable: Timetable | undefined
  readonly #flights = new Flights()
  readonly #chances: string
  #random: Random | undefined
  #ruleRandom: Random | undefined
  #sink: Sink | null = null
  /** How many frames were written. */
  #written = 0
  #next: Scheduled | 'soon' | null = null
  #held = false
  /** What the writer waits for. */
  #done: Done | null = null
  #resume: Scheduled | null = null
  /** Whether the reader has no room. */
  #full = false

  constructor({ owner, from, to, rank, chances, shape }: DirectionOptions) {
    this.from = from
    this.to = to
    this.#rank = rank
    this.#owner = owner
    this.#chances = chances
    this.#shape = shape
    if (!isInstant(shape, from, to)) this.#makeTimetable()
  }

  /** Of its latencies. Made when it is needed: most directions never draw. */
  get random(): Random {
    this.#random ??= new Random(this.#chances)
    return this.#random
  }

  /** Of what rules do, so that they shift no latency. */
  get ruleRandom(): Random {
    this.#ruleRandom ??= new Random(`${this.#chances}/rules`)
    return this.#ruleRandom
  }

  /** In the order in which they were sent. */
  get flights(): readonly Flight[] {
    return this.#flights.all
  }

  /** Who reads at the other end. */
  set sink(sink: Sink) {
    this.#sink = sink
  }

  /** For what is written from now on. */
  set shape(shape: FullShape) {
    this.#shape = shape
    if (this.#timetable) this.#timetable.shape = shape
    else if (!isInstant(shape, this.from, this.to)) this.#makeTimetable()
    this.#offerRoom()
  }

  /** While it is held nothing arrives, and what was due arrives as soon as it is not. */
  set held(held: boolean) {
    this.#held = held
    this.#schedule()
  }

  /** @param done called when the writer may write on */
  write(frames: readonly Buffer[], done: Done): void {
    this.#done = done
    for (const frame of frames) {
      this.#send(frame)
      if (!this.#done) return // a rule broke the link
    }
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
    this.#goOn()
  }

  /** Whatever is on its way is lost. */
  clear(): void {
    const lost = this.#flights.all
    this.#flights.clear()
    this.#schedule()
    for (const flight of lost) this.#owner.lost?.(this, flight)
  }

  /** Lets go of what one held, or all did. */
  release(by?: object): void {
    this.#flights.release(by)
    this.#schedule()
  }

  /** Delivers what is on its way up to and with this one, now. */
  deliver(flight: Flight): void {
    for (let count = this.flights.indexOf(flight) + 1; count > 0; count--) this.#land(1)
    this.#schedule()
    this.#offerRoom()
  }

  /** Takes one out of what is on its way, so that it never arrives. */
  drop(flight: Flight): void {
    if (!this.#flights.delete(flight)) return
    this.#owner.lost?.(this, flight)
    this.#schedule()
    this.#offerRoom()
  }

  #send(frame: Buffer): void {
    const index = this.#written++
    const verdict = this.#owner.judge(this, frame, index)
    if (verdict === 'reset') this.#owner.reset()
    if (verdict === 'reset' || verdict === 'drop') {
      this.#owner.lost?.(this, new Flight(this.#owner.clock.now(), Number.POSITIVE_INFINITY, frame))
      return
    }
    const sent = verdict === 'corrupt' ? turnBit(frame, this.ruleRandom, index === 0) : frame
    const held = typeof verdict === 'object' && 'hold' in verdict ? verdict.hold : null
    const delay = typeof verdict === 'object' && 'delay' in verdict ? verdict.delay : 0
    for (const piece of cut(sent, this.#shape.slice)) this.#fly(piece, delay).held = held
  }

  #fly(load: Buffer | (() => void), delay: number): Flight {
    const now = this.#owner.clock.now()
    const size = typeof load === 'function' ? 0 : load.byteLength
    if (delay > 0) this.#makeTimetable()
    const flight = new Flight(now, this.#timetable?.arrival(now, size, delay) ?? now, load)
    this.#flights.add(flight)
    return flight
  }

  #makeTimetable(): void {
    this.#timetable ??= new Timetable(this, this.from, this.to, this.#shape)
  }

  #schedule(): void {
    if (this.#next === 'soon') return // it looks again
    const { first } = this.#flights
    const waits = !first || this.#held || first.held || first.arrival === Number.POSITIVE_INFINITY
    if (this.#next && (waits || this.#next.time !== first.arrival)) {
      this.#next.cancel()
      this.#next = null
    }
    if (waits || this.#next) return
    const { clock } = this.#owner
    if (this.#timetable && first.arrival > clock.now()) {
      this.#next = clock.at(first.arrival, this.#arrive, this.#rank)
      return
    }
    this.#next = 'soon'
    clock.soon(this.#arrive, this.#rank)
  }

  #arrive = (): void => {
    this.#next = null
    const now = this.#owner.clock.now()
    for (let count = this.#due(now); count > 0; count = this.#due(now)) {
      if (!this.#flights.pass(this.to.down, count, now)) break
      const isSign = this.#flights.first!.frame === null
      this.#land(count)
      // Streams look at what they got in microtasks: a close at once would lose it.
      if (isSign || this.#flights.first?.sign) break
    }
    this.#schedule()
    this.#offerRoom()
  }

  /** How many arrive now, as one piece; 0 when none does. */
  #due(now: number): number {
    return this.#held ? 0 : this.#flights.due(now, this.#shape)
  }

  #land(count: number): void {
    const pieces: Buffer[] = []
    for (let left = count; left > 0; left--) {
      const flight = this.#flights.shift()
      if (!flight) return // whoever was told of one before broke the link
      this.#owner.delivered(this, flight)
      flight.sign?.()
      if (flight.frame) pieces.push(flight.frame)
    }
    if (pieces.length === 0) return
    this.#full = !this.#sink!.receive(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces))
  }

  /** Lets the writer write on, as soon as there is room at the reader, on the way, and in the queue. */
  #offerRoom(): void {
    if (!this.#done || this.#full || this.#flights.bytes > (this.#timetable?.window ?? 0)) return
    const { clock } = this.#owner
    const roomAt = this.#timetable?.roomAt
    if (roomAt === undefined || roomAt <= clock.now()) {
      this.#resume?.cancel()
      this.#goOn()
      return
    }
    if (this.#resume?.time === roomAt) return
    this.#resume?.cancel()
    this.#resume = clock.at(roomAt, () => this.#offerRoom(), this.#rank)
  }

  #goOn(): void {
    const done = this.#done
    this.#done = null
    done?.(null)
  }
}
