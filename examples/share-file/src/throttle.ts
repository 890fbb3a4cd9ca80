import type { Happening } from './events.js'

/** Lets progress through only so often, its first and last and everything else always. */
export class Throttle {
  readonly #ms: number
  #last = ''
  #at = 0

  constructor(ms: number) {
    this.#ms = ms
  }

  admits(happening: Happening): boolean {
    const progress = happening.event === 'importing' || happening.event === 'fetching'
    const now = performance.now()
    const first = this.#last !== happening.event
    const last = progress && happening.bytes === happening.size
    this.#last = happening.event
    if (progress && !first && !last && now - this.#at < this.#ms) return false
    this.#at = now
    return true
  }
}
