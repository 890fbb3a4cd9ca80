import type { Happening } from './events.js'

/**
 * Passes progress on only so often: what comes sooner is held back, and the newest of it passed on when the time is
 * over. The first and the last progress and all other events pass at once.
 */
export class Throttle {
  readonly #ms: number
  readonly #pass: (happening: Happening) => void
  #previous = ''
  #passedAt = 0
  #held: Happening | null = null
  #timer: NodeJS.Timeout | undefined

  constructor(ms: number, pass: (happening: Happening) => void) {
    this.#ms = ms
    this.#pass = pass
  }

  tell(happening: Happening): void {
    const first = this.#previous !== happening.event
    this.#previous = happening.event
    const wait = first || !isUnderWay(happening) ? 0 : this.#passedAt + this.#ms - performance.now()
    if (wait > 0) {
      this.#hold(happening, wait)
      return
    }
    // Progress of the same kind is newer than the one held back.
    if (first) this.#release()
    else this.#drop()
    this.#passedAt = performance.now()
    this.#pass(happening)
  }

  #hold(happening: Happening, ms: number): void {
    this.#held = happening
    this.#timer ??= setTimeout(() => this.#release(), ms).unref()
  }

  #release(): void {
    const held = this.#held
    this.#drop()
    if (!held) return
    this.#passedAt = performance.now()
    this.#pass(held)
  }

  #drop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#held = null
  }
}

function isUnderWay(happening: Happening): boolean {
  const progress = happening.event === 'importing' || happening.event === 'fetching'
  return progress && happening.bytes < happening.size
}
