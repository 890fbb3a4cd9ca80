import { NetworkerError } from '@basestore/networker'
import type { Clock } from '@basestore/transport-memory'
import { Ending, type EndSignal } from './ending.js'
import { PeerDown } from './peer-down.js'
import { TIMER_RANK } from './watched-clock.js'

/** How often a condition is looked at, in virtual milliseconds: at first, and the share of the time waited later. */
const POLL = 10
const POLL_SHARE = 1 / 100

export type Condition = () => boolean | Promise<boolean>

/** Resolves after virtual milliseconds, or when one of the signals aborts. @throws NetworkerError `INVALID_OPTION` */
export async function sleep(clock: Clock, ms: number, ...signals: readonly EndSignal[]): Promise<void> {
  checkLength('a sleep takes', ms)
  await sleepUntil(clock, clock.now() + ms, ...signals)
}

/** Resolves at a time, in virtual milliseconds, or when one of the signals aborts. */
export async function sleepUntil(
  clock: Clock,
  time: number,
  ...signals: readonly EndSignal[]
): Promise<void> {
  if (signals.some(({ aborted }) => aborted)) return
  let end = (): void => {}
  const over = new Promise<void>((resolve) => {
    end = resolve
  })
  // Not setTimeout: that takes 25 days for a millisecond.
  const timer = clock.at(time, end, TIMER_RANK)
  for (const signal of signals) signal.addEventListener('abort', end)
  await over
  timer.cancel()
  for (const signal of signals) signal.removeEventListener('abort', end)
}

/** @throws NetworkerError `INVALID_OPTION` */
export function checkWithin(within: number): void {
  checkLength('within must be', within)
}

/**
 * Resolves once a condition holds, which is looked at now and then: a condition may ask for what no event tells.
 *
 * @param within milliseconds
 * @returns whether it held within them, before the signal aborted
 * @throws what it throws, unless that is about a peer that is down: then it does not hold yet
 */
export async function poll(
  clock: Clock,
  condition: Condition,
  within: number,
  signal: EndSignal
): Promise<boolean> {
  const start = clock.now()
  const end = start + within // a time and not what is left, which rounds: then the end might never come
  for (;;) {
    if (await holds(clock, condition, end, signal)) return true
    const now = clock.now()
    if (signal.aborted || now >= end) return false
    const pause = Math.max(POLL, (now - start) * POLL_SHARE)
    await sleepUntil(clock, Math.min(now + pause, end), signal)
  }
}

/** What a condition says; null when it asks a peer that is down. */
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

/** False also when it has not answered in time. */
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

/** Not only a Promise of this realm: test runners have others. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function'
}

function checkLength(what: string, ms: number): void {
  if (ms >= 0 && Number.isFinite(ms)) return
  throw new NetworkerError('INVALID_OPTION', `${what} milliseconds of at least 0, got ${ms}`)
}
