import { Conditions } from './conditions.js'

/** Node's longest timer (ms). Node turns a longer one, such as an infinite one, into 1 ms. */
const LONGEST_TIMEOUT = 2 ** 31 - 1

/** The time limit of one case. Everything that the case waits for ends with it. */
export class Bound {
  readonly ms: number
  readonly #controller = new AbortController()
  readonly #timer: NodeJS.Timeout
  readonly #waits = new Set<() => void>()
  readonly #conditions = new Conditions()
  /** The error of the wait that began last, among those that the limit ended. */
  #latest: Error | undefined

  constructor(ms: number) {
    this.ms = Math.min(ms, LONGEST_TIMEOUT)
    // Not unref'ed: links in memory do not keep the process.
    this.#timer = setTimeout(() => this.end(new Error(`the case took longer than ${ms} ms`)), this.ms)
  }

  /** Aborted when the case has ended, in time or not. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /**
   * Waits for the work's result. At the time limit it rejects with an error that says what was waited for.
   *
   * @param what a function is called at the limit, and can tell how far things have come
   */
  async wait<T>(what: string | (() => string), work: T | Promise<T>): Promise<T> {
    const late = new Error() // made here, so that its stack shows who waited
    let onend = (): void => {}
    const ended = new Promise<never>((_, reject) => {
      onend = () => {
        this.#latest = late
        late.message = `${typeof what === 'string' ? what : what()}: not within ${this.ms} ms`
        reject(late)
      }
      if (this.signal.aborted) onend()
      else this.#waits.add(onend)
    })
    try {
      return await Promise.race([work, ended])
    } finally {
      this.#waits.delete(onend)
    }
  }

  /** Waits for a whole case. At the time limit it rejects with the error of the case's latest wait, which says more. */
  async guard<T>(work: Promise<T>): Promise<T> {
    let onabort = (): void => {}
    const ended = new Promise<never>((_, reject) => {
      onabort = () => reject(this.#latest ?? this.signal.reason)
      this.signal.addEventListener('abort', onabort)
    })
    try {
      return await Promise.race([ended, work])
    } finally {
      this.signal.removeEventListener('abort', onabort)
    }
  }

  /** Waits until a condition is met. It is looked at now, and whenever something {@link happened}. */
  async until(what: string | (() => string), condition: () => boolean): Promise<void> {
    await this.wait(what, this.#conditions.until(condition))
  }

  happened = (): void => {
    this.#conditions.happened()
  }

  end(reason: Error): void {
    clearTimeout(this.#timer)
    this.#conditions.clear()
    for (const onend of this.#waits) onend()
    this.#controller.abort(reason)
  }
}

/** Whether the work settles in time, resolved or rejected. */
export async function settlesWithin(ms: number, work: unknown): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, ms, false)
  })
  const settled = Promise.resolve(work).then(
    () => true,
    () => true
  )
  try {
    return await Promise.race([settled, late])
  } finally {
    clearTimeout(timer)
  }
}
