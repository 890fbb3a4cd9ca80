import { NetworkerError } from '@basestore/networker'
import type { Clock } from '@basestore/transport-memory'
import { ask, type Condition, checkWithin, poll } from './clock-waits.js'

/** How long what has to happen eventually may take once the scenario is over, in virtual milliseconds. */
const EVENTUALLY = 60_000
/** How often what holds always or sometimes is looked at, in virtual milliseconds. */
const EVERY = 100

export interface CheckOptions {
  /** How often it is looked at, in virtual milliseconds. @default 100 */
  readonly every?: number
}

export interface EventuallyOptions {
  /** Virtual milliseconds after the end of the scenario. @default 60_000 */
  readonly within?: number
}

interface Check {
  readonly name: string
  readonly condition: Condition
  /** Looks at it now and then; null once it is decided. */
  timer: NodeJS.Timeout | null
}

/** What is to be true of a run: always, sometimes, or in the end. */
export class Checks {
  readonly #clock: Clock
  readonly #onfailure: (error: Error) => void
  readonly #eventually: { name: string; condition: Condition; within: number }[] = []
  readonly #always: Check[] = []
  readonly #sometimes: Check[] = []

  constructor(clock: Clock, onfailure: (error: Error) => void) {
    this.#clock = clock
    this.#onfailure = onfailure
  }

  always(name: string, condition: Condition, options: CheckOptions = {}): void {
    this.#always.push(this.#watch(name, condition, options, (check) => this.#lookAlways(check)))
  }

  sometimes(name: string, condition: Condition, options: CheckOptions = {}): void {
    this.#sometimes.push(this.#watch(name, condition, options, (check) => this.#lookSometimes(check)))
  }

  eventually(name: string, condition: Condition, { within = EVENTUALLY }: EventuallyOptions = {}): void {
    checkWithin(within)
    this.#eventually.push({ name, condition, within })
  }

  /** What only the end can tell. */
  async finish(signal: AbortSignal): Promise<void> {
    const eventually = this.#eventually.map(({ name, condition, within }) => {
      return this.#guard(`eventually: ${name}`, async () => {
        if (await poll(this.#clock, condition, within, signal)) return
        this.#fail(`eventually: ${name}: not within ${within} ms of the scenario's end`)
      })
    })
    await Promise.all(eventually) // at once, since each has its time from the scenario's end on
    for (const check of this.#always) if (check.timer) await this.#lookAlways(check)
    for (const check of this.#sometimes) {
      if (check.timer) await this.#lookSometimes(check)
      if (check.timer) this.#fail(`sometimes: ${check.name}: it never was so`)
    }
  }

  stop(): void {
    for (const check of [...this.#always, ...this.#sometimes]) decide(check)
  }

  async #lookAlways(check: Check): Promise<void> {
    await this.#guard(
      `always: ${check.name}`,
      async () => {
        if ((await ask(check.condition)) !== false || !check.timer) return
        decide(check)
        this.#fail(`always: ${check.name}: it was not so`)
      },
      check
    )
  }

  async #lookSometimes(check: Check): Promise<void> {
    await this.#guard(
      `sometimes: ${check.name}`,
      async () => {
        if (await ask(check.condition)) decide(check)
      },
      check
    )
  }

  #watch(
    name: string,
    condition: Condition,
    { every = EVERY }: CheckOptions,
    look: (check: Check) => Promise<void>
  ): Check {
    if (!(every > 0))
      throw new NetworkerError('INVALID_OPTION', `every must be milliseconds above 0, got ${every}`)
    let looking = false
    const check: Check = { name, condition, timer: null }
    check.timer = setInterval(async () => {
      if (looking) return
      looking = true
      await look(check)
      looking = false
    }, every).unref()
    return check
  }

  /** One that throws fails once. */
  async #guard(what: string, look: () => Promise<void>, check?: Check): Promise<void> {
    try {
      await look()
    } catch (cause) {
      if (check) decide(check)
      this.#fail(`${what}: it threw: ${cause instanceof Error ? cause.message : cause}`, cause)
    }
  }

  #fail(message: string, cause?: unknown): void {
    this.#onfailure(new Error(message, { cause }))
  }
}

function decide(check: Check): void {
  if (check.timer) clearInterval(check.timer)
  check.timer = null
}
