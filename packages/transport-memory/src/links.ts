import type { Clock } from './clock.js'
import { Link, reset } from './link.js'

/** One end of a pair: whoever has an id. */
interface Party {
  readonly id: string
}

type Condition = 'open' | 'cut' | 'silent'

/** The links between two peers. */
class Pair implements Clock {
  readonly #clock: Clock
  readonly #links = new Set<Link>()
  readonly #held: (() => void)[] = []
  readonly #onidle: () => void
  #condition: Condition = 'open'

  /** @param onidle called when no link is open and nothing is wrong: there is nothing to remember */
  constructor(clock: Clock, onidle: () => void) {
    this.#clock = clock
    this.#onidle = onidle
  }

  now(): number {
    return this.#clock.now()
  }

  /** What is on its way while the pair is silent stays there. */
  defer(run: () => void): void {
    if (this.#condition === 'silent') this.#held.push(run)
    else this.#clock.defer(run)
  }

  connect(): Link {
    const link = new Link(this)
    this.#links.add(link)
    link.dialler.once('close', () => {
      this.#links.delete(link)
      this.#forgetIfIdle()
    })
    // Not within the call: whoever dials has yet to listen.
    if (this.#condition === 'cut') this.#clock.defer(() => breakDown(link))
    return link
  }

  set(condition: Condition): void {
    this.#condition = condition
    if (condition === 'silent') return
    for (const run of this.#held.splice(0)) this.#clock.defer(run)
    if (condition === 'cut') for (const link of this.#links) breakDown(link)
    this.#forgetIfIdle()
  }

  #forgetIfIdle(): void {
    if (this.#links.size === 0 && this.#condition === 'open') this.#onidle()
  }
}

/** All links of a network, and what is wrong with them. */
export class Links {
  readonly #clock: Clock
  readonly #pairs = new Map<string, Pair>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A new link. What its ends send each other goes through the pair that they belong to. */
  between(a: Party, b: Party): { readonly link: Link; readonly clock: Clock } {
    const pair = this.#pair(a, b)
    return { link: pair.connect(), clock: pair }
  }

  /** Resets the links of two peers, and those that they open until {@link heal}. */
  cut(a: Party, b: Party): void {
    this.#pair(a, b).set('cut')
  }

  /** Keeps back what two peers send each other, until {@link heal}. */
  silence(a: Party, b: Party): void {
    this.#pair(a, b).set('silent')
  }

  heal(a: Party, b: Party): void {
    this.#pair(a, b).set('open')
  }

  #pair(a: Party, b: Party): Pair {
    const id = a.id < b.id ? a.id + b.id : b.id + a.id
    const known = this.#pairs.get(id)
    if (known) return known
    const pair = new Pair(this.#clock, () => this.#pairs.delete(id))
    this.#pairs.set(id, pair)
    return pair
  }
}

function breakDown({ dialler, acceptor }: Link): void {
  for (const end of [dialler, acceptor]) {
    end.on('error', noop) // nobody may listen yet
    end.destroy(reset())
  }
}

function noop(): void {}
