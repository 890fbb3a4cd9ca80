import type { Judgement } from '../faults/rule.js'
import type { Host } from '../host.js'
import { Random } from '../random.js'
import type { Clock } from '../time/clock.js'
import type { Scheduled } from '../time/event-queue.js'
import { cut, Flight, turnBit } from './flight.js'
import { Flights } from './flights.js'
import type { FullLinkShape } from './shape.js'
import type { Sink } from './sink.js'
import { isInstant, Timetable } from './timetable.js'

/** Called when the writer may write on. */
export type Done = (error: Error | null) => void

/** The surroundings of a direction. */
export interface DirectionContext {
  readonly clock: Clock
  /** @param index how many frames were written before it in this direction */
  judge(direction: Direction, frame: Uint8Array, index: number): Judgement
  reset(): void
  delivered(direction: Direction, flight: Flight): void
  /** The flight will never arrive. */
  lost?(direction: Direction, flight: Flight): void
}

export interface DirectionOptions {
  readonly from: Host
  readonly to: Host
  /** Unique in the network. Of two frames that arrive at one time, that of the lower rank comes first. */
  readonly rank: number
  /** The seed of this direction's chances. */
  readonly chances: string
  readonly shape: FullLinkShape
}

/** One direction of a link. Frames arrive in the order in which they were written, when the shape says. */
export class Direction {
  readonly from: Host
  readonly to: Host
  readonly #rank: number
  readonly #context: DirectionContext
  #shape: FullLinkShape
  /** Made when something is delayed: most directions never need one. */
  #timetable: Timetable | undefined
  readonly #flights = new Flights()
  readonly #chances: string
  #ruleRandom: Random | undefined
  #sink: Sink | null = null
  #written = 0
  /** The delivery that is scheduled. */
  #next: Scheduled | 'soon' | null = null
  /** Set while the writer waits. */
  #done: Done | null = null
  /** The time at which the writer looks for room again. */
  #resume: Scheduled | null = null
  /** Whether the reader has no room. */
  #full = false

  constructor(context: DirectionContext, { from, to, rank, chances, shape }: DirectionOptions) {
    this.from = from
    this.to = to
    this.#rank = rank
    this.#context = context
    this.#chances = chances
    this.#shape = shape
    if (!isInstant(shape, from, to)) this.#makeTimetable()
  }

  /** The chances of rules. They have a generator of their own, so that a rule shifts no latency. */
  get ruleRandom(): Random {
    this.#ruleRandom ??= new Random(`${this.#chances}/rules`)
    return this.#ruleRandom
  }

  /** All that is on its way, in the order in which it was sent. */
  get flights(): readonly Flight[] {
    return this.#flights.all
  }

  set sink(sink: Sink) {
    this.#sink = sink
  }

  /** Applies to what is written from now on. */
  set shape(shape: FullLinkShape) {
    this.#shape = shape
    if (this.#timetable) this.#timetable.shape = shape
    else if (!isInstant(shape, this.from, this.to)) this.#makeTimetable()
    this.#offerRoom()
  }

  /** While it is true nothing arrives. Once it is false, what was due arrives at once. */
  set held(held: boolean) {
    this.#flights.held = held
    this.#schedule()
  }

  write(frames: readonly Buffer[], done: Done): void {
    this.#done = done
    for (const frame of frames) {
      this.#send(frame)
      if (!this.#done) return // a rule broke the link
    }
    this.#schedule()
    this.#offerRoom()
  }

  /** Calls a function at the other end once all that was written before has arrived. */
  mark(marker: () => void): void {
    this.#fly(marker, 0)
    this.#schedule()
  }

  /** The reader reads again. */
  makeRoom(): void {
    this.#full = false
    this.#offerRoom()
  }

  /** The writer is gone: nobody waits for room any more. */
  abandon(): void {
    this.#resume?.cancel()
    this.#goOn()
  }

  /** Loses all that is on its way. */
  clear(): void {
    const lost = this.#flights.all
    this.#flights.clear()
    this.#schedule()
    for (const flight of lost) this.#context.lost?.(this, flight)
  }

  /** Lets go of what one injected fault held, or all of them. */
  release(by?: object): void {
    this.#flights.release(by)
    this.#schedule()
  }

  /** Delivers a flight now, after all that was sent before it. */
  deliver(flight: Flight): void {
    for (let count = this.flights.indexOf(flight) + 1; count > 0; count--) this.#land(1)
    this.#schedule()
    this.#offerRoom()
  }

  drop(flight: Flight): void {
    if (!this.#flights.delete(flight)) return
    this.#context.lost?.(this, flight)
    this.#schedule()
    this.#offerRoom()
  }

  #send(frame: Buffer): void {
    const index = this.#written++
    const verdict = this.#context.judge(this, frame, index)
    if (verdict === 'reset') this.#context.reset()
    if (verdict === 'reset' || verdict === 'drop') {
      this.#context.lost?.(this, new Flight(this.#context.clock.now(), Number.POSITIVE_INFINITY, frame))
      return
    }
    const sent = verdict === 'corrupt' ? turnBit(frame, this.ruleRandom, index === 0) : frame
    const held = typeof verdict === 'object' && 'hold' in verdict ? verdict.hold : null
    const delay = typeof verdict === 'object' && 'delay' in verdict ? verdict.delay : 0
    for (const piece of cut(sent, this.#shape.slice)) this.#fly(piece, delay).held = held
  }

  #fly(load: Buffer | (() => void), delay: number): Flight {
    const now = this.#context.clock.now()
    const flight = new Flight(now, now, load)
    if (delay > 0) this.#makeTimetable()
    if (this.#timetable) flight.arrival = this.#timetable.arrival(now, flight.size, delay)
    this.#flights.add(flight)
    return flight
  }

  #makeTimetable(): void {
    this.#timetable ??= new Timetable(this.#chances, this.from, this.to, this.#shape)
  }

  #schedule(): void {
    if (this.#next === 'soon') return // it looks again
    const time = this.#flights.nextArrival
    if (this.#next && this.#next.time !== time) {
      this.#next.cancel()
      this.#next = null
    }
    if (this.#next || time === Number.POSITIVE_INFINITY) return
    const { clock } = this.#context
    if (this.#timetable && time > clock.now()) {
      this.#next = clock.at(time, this.#arrive, this.#rank)
      return
    }
    this.#next = 'soon'
    clock.soon(this.#arrive, this.#rank)
  }

  #arrive = (): void => {
    this.#next = null
    const now = this.#context.clock.now()
    for (;;) {
      const count = this.#flights.due(now, this.#shape)
      if (count === 0 || !this.#flights.pass(this.to.down, count, now)) break
      const isMarker = this.#flights.first!.frame === null
      this.#land(count)
      // Streams look at what they got in microtasks: closing one within this tick would lose it.
      if (isMarker || this.#flights.first?.marker) break
    }
    this.#schedule()
    this.#offerRoom()
  }

  #land(count: number): void {
    const pieces: Buffer[] = []
    for (let left = count; left > 0; left--) {
      const flight = this.#flights.shift()
      if (!flight) return // a listener that was told of the flight before broke the link
      this.#context.delivered(this, flight)
      flight.marker?.()
      if (flight.frame) pieces.push(flight.frame)
    }
    if (pieces.length === 0) return
    this.#full = !this.#sink!.receive(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces))
  }

  /** Lets the writer write on, as soon as there is room at the reader, on the way, and in the queue. */
  #offerRoom(): void {
    if (!this.#done || this.#full || this.#flights.bytes > (this.#timetable?.window ?? 0)) return
    const { clock } = this.#context
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
