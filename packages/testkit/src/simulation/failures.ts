import { NetworkerError } from '@basestore/networker'
import type { SimulationFailure } from './report.js'

/** The failures of a run. An error that reaches several places counts once. */
export class Failures {
  /** Waits that are left at the end of the run reject with this. It is no failure. */
  readonly endOfRun = new NetworkerError('CLOSED', 'the simulation has ended')
  readonly all: SimulationFailure[] = []
  readonly #seen = new Set<unknown>([this.endOfRun])
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
