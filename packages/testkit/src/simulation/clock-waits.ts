import { NetworkerError } from '@basestore/networker'
import type { Clock } from '@basestore/transport-memory'
import { deferred } from '../deferred.js'
import { Ending, type EndSignal } from './ending.js'
import { PeerDown } from './peer-down.js'
import { TIMER_RANK } from './watched-clock.js'

/** How often a condition is asked, in virtual milliseconds. */
const POLL = 10
/** The same for long waits, as a share of the time waited so far: an hour would otherwise cost 360,000 questions. */
const POLL_SHARE = 1 / 100

export type Condition = () => boolean | Promise<boolean>

/** Resolves after virtual milliseconds, or when one of the signals aborts. @throws NetworkerError `INVALID_OPTION` */
export async function sleep(clock: Clock, ms: number, ...signals: readonly EndSignal[]): Promise<void> {
  assertLength('a sleep takes', ms)
  await sleepUntil(clock, clock.now() + ms, ...signals)
}

/** Resolves at a virtual time (ms), or when one of the signals aborts. */
export async function sleepUntil(
  clock: Clock,
  time: number,
  ...signals: readonly EndSignal[]
): Promise<void> {
  if (signals.some(({ aborted }) => aborted)) return
  const { promise, resolve } = deferred()
  // Not setTimeout, which runs a timer of more than 24.8 days after 1 ms.
  const timer = clock.at(time, resolve, TIMER_RANK)
  for (const signal of signals) signal.addEventListener('abort', resolve)
  await promise
  timer.cancel()
  for (const signal of signals) signal.removeEventListener('abort', resolve)
}

/** @throws NetworkerError `INVALID_OPTION` */
export function assertWithin(within: number): void {
  assertLength('within must be', within)
}

/**
 * Asks a condition again and again, until it holds. Polling is needed since a condition may depend on anything, also on
 * what no event tells.
 *
 * @param within virtual milliseconds
 * @returns whether it held within that time, before the signal aborted
 * @throws what the condition throws, except for an error about a peer that is down: then it does not hold yet
 */
export async function poll(
  clock: Clock,
  condition: Condition,
  within: number,
  signal: EndSignal
): Promise<boolean> {
  const start = clock.now()
  const end = start + within // the end, not the time left: rounding could keep that above zero for ever
  for (;;) {
    if (await holds(clock, condition, end, signal)) return true
    const now = clock.now()
    if (signal.aborted || now >= end) return false
    const pause = Math.max(POLL, (now - start) * POLL_SHARE)
    await sleepUntil(clock, Math.min(now + pause, end), signal)
  }
}

/** @returns what a condition says; null when it asks a peer that is down */
export function ask(condition: Condition): boolean | null | Promise<boolean | null> {
  const known = (error: unknown): null => {
    if (error instanceof PeerDown) return null
    throw error
  }
  try {
    const answer: unknown = condition()
    return isThenable(answer) ? Promise.resolve(answer).then(Boolean, known) : Boolean(answer)
  } catch (error) {
    return known(error)
  }
}

/** @returns false also when the condition has not answered by the end */
async function holds(
  clock: Clock,
  condition: Condition,
  end: number,
  signal: EndSignal
): Promise<boolean | null> {
  const answer = ask(condition)
  if (!(answer instanceof Promise)) return answer
  const answered = new Ending()
  const late = sleepUntil(clock, end, answered, signal).then(() => false)
  try {
    return await Promise.race([answer, late])
  } finally {
    answered.end()
  }
}

/** Not `instanceof Promise`: promises of another realm count too, and test runners have several realms. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function'
}

function assertLength(what: string, ms: number): void {
  if (ms >= 0 && Number.isFinite(ms)) return
  throw new NetworkerError('INVALID_OPTION', `${what} milliseconds of at least 0, got ${ms}`)
}
