import { Conditions } from './conditions.js'

/** Node's longest timer (ms). It takes a longer one, such as an infinite one, for 1 ms. */
const LONGEST_TIMEOUT = 2 ** 31 - 1

/** The time that one case may take, and all that waits within it. */
export class Bound {
  readonly ms: number
  readonly #controller = new AbortController()
  readonly #timer: NodeJS.Timeout
  readonly #waits = new Set<() => void>()
  /** Of the waits that the bound ended, the one that began last. */
  #latest: Error | undefined
  readonly #conditions = new Conditions()

  constructor(ms: number) {
    this.ms = Math.min(ms, LONGEST_TIMEOUT)
    // It holds the process: links in memory do not.
    this.#timer = setTimeout(() => this.end(new Error(`the case took longer than ${ms} ms`)), this.ms)
  }

  /** Aborted when the case is over, in time or not. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** The outcome of the work. Rejects at the bound, and says what was waited for, and how far it has come. */
  async wait<T>(what: string | (() => string), work: T | Promise<T>): Promise<T> {
    const late = new Error() // here, where its stack tells who waited
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

  /** The outcome of a whole case. At the bound it rejects as its latest wait does, which knows more. */
  async guard<T>(work: Promise<T>): Promise<T> {
    let onabort = (): void => {}
    const over = new Promise<never>((_, reject) => {
      onabort = () => reject(this.#latest ?? this.signal.reason)
      this.signal.addEventListener('abort', onabort)
    })
    try {
      return await Promise.race([over, work])
    } finally {
      this.signal.removeEventListener('abort', onabort)
    }
  }

  /** Waits until a condition is met; it is looked at whenever something {@link happened}. */
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

/** Whether the work settled in time, however it did. */
export async function within(ms: number, work: unknown): Promise<boolean> {
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
