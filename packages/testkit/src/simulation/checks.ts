import { NetworkerError } from '@basestore/networker'
import { checkOptions } from '@basestore/networker/transport'
import type { Clock } from '@basestore/transport-memory'
import { ask, assertWithin, type Condition, poll } from './clock-waits.js'

/** Virtual milliseconds after the scenario's end. Longer than any reconnect or refresh takes by default. */
const EVENTUALLY = 60_000
/** How often `always` and `sometimes` are asked, in virtual milliseconds. */
const EVERY = 100

export interface CheckOptions {
  /** How often the condition is asked, in virtual milliseconds. @default 100 */
  readonly every?: number
}

export interface EventuallyOptions {
  /** Virtual milliseconds after the end of the scenario. @default 60_000 */
  readonly within?: number
}

interface Check {
  readonly name: string
  readonly condition: Condition
  /** Asks the condition now and then; null once the check is decided. */
  timer: NodeJS.Timeout | null
}

/** Conditions that have to hold in a run: always, sometimes, or in the end. */
export class Checks {
  readonly #clock: Clock
  readonly #onfailure: (message: string, cause: unknown) => void
  readonly #eventually: { name: string; condition: Condition; within: number }[] = []
  readonly #always: Check[] = []
  readonly #sometimes: Check[] = []

  constructor(clock: Clock, onfailure: (message: string, cause: unknown) => void) {
    this.#clock = clock
    this.#onfailure = onfailure
  }

  always(name: string, condition: Condition, options: CheckOptions = {}): void {
    this.#always.push(this.#watch(name, condition, options, (check) => this.#lookAlways(check)))
  }

  sometimes(name: string, condition: Condition, options: CheckOptions = {}): void {
    this.#sometimes.push(this.#watch(name, condition, options, (check) => this.#lookSometimes(check)))
  }

  eventually(name: string, condition: Condition, options: EventuallyOptions = {}): void {
    checkOptions<EventuallyOptions>(options, { within: 'any' }, { what: 'the options of eventually()' })
    const { within = EVENTUALLY } = options
    assertWithin(within)
    this.#eventually.push({ name, condition, within })
  }

  /** Decides what is still open at the end of the scenario. */
  async finish(signal: AbortSignal): Promise<void> {
    const eventually = this.#eventually.map(({ name, condition, within }) => {
      return this.#guard(`eventually: ${name}`, async () => {
        if (await poll(this.#clock, condition, within, signal)) return
        this.#fail(`eventually: ${name}: not within ${within} ms of the scenario's end`)
      })
    })
    await Promise.all(eventually) // side by side, since the time of each counts from the scenario's end
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
    const look = async () => {
      if ((await ask(check.condition)) !== false || !check.timer) return
      decide(check)
      this.#fail(`always: ${check.name}: it was not so`)
    }
    await this.#guard(`always: ${check.name}`, look, check)
  }

  async #lookSometimes(check: Check): Promise<void> {
    const look = async () => {
      if (await ask(check.condition)) decide(check)
    }
    await this.#guard(`sometimes: ${check.name}`, look, check)
  }

  #watch(
    name: string,
    condition: Condition,
    options: CheckOptions,
    look: (check: Check) => Promise<void>
  ): Check {
    checkOptions<CheckOptions>(options, { every: 'any' }, { what: 'the options of a check' })
    const { every = EVERY } = options
    if (!(every > 0)) {
      throw new NetworkerError('INVALID_OPTION', `every must be milliseconds above 0, got ${every}`)
    }
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

  /** A check whose condition throws fails once, and is not asked again. */
  async #guard(what: string, look: () => Promise<void>, check?: Check): Promise<void> {
    try {
      await look()
    } catch (cause) {
      if (check) decide(check)
      this.#fail(`${what}: it threw: ${cause instanceof Error ? cause.message : cause}`, cause)
    }
  }

  #fail(message: string, cause?: unknown): void {
    this.#onfailure(message, cause)
  }
}

function decide(check: Check): void {
  if (check.timer) clearInterval(check.timer)
  check.timer = null
}
