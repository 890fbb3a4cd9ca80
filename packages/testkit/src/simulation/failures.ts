import type { SimulationFailure } from './report.js'

/** What went wrong in a run. One error counts once, however many it reaches. */
export class Failures {
  /** What those are told who still wait at the end: that they are is no failure. */
  readonly over = new Error('the simulation is over')
  readonly all: SimulationFailure[] = []
  readonly #seen = new Set<unknown>([this.over])
  readonly #now: () => number
  readonly #onfailure: (failure: SimulationFailure) => void
  #first: unknown

  constructor(now: () => number, onfailure: (failure: SimulationFailure) => void) {
    this.#now = now
    this.#onfailure = onfailure
  }

  /** The error that came first. */
  get first(): unknown {
    return this.#first
  }

  add(error: unknown): void {
    if (this.#seen.has(error)) return
    if (this.all.length === 0) this.#first = error
    if (typeof error === 'object') this.#seen.add(error)
    const { message, stack } = error instanceof Error ? error : new Error(`${String(error)} was thrown`)
    const failure = { time: this.#now(), message, ...(stack && { stack }) }
    this.all.push(failure)
    this.#onfailure(failure)
  }
}
