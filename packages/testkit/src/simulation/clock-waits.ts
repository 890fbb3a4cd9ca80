import { NetworkerError } from '@basestore/networker'
import type { Clock } from '@basestore/transport-memory'
import { Ending, type EndSignal } from './ending.js'
import { PeerDown } from './peer-down.js'
import { TIMER_RANK } from './watched-clock.js'

/** How often a condition is looked at, in virtual milliseconds: at first, and the share of the time waited later. */
const POLL = 10
const POLL_SHARE = 1 / 100

export type Condition = () => boolean | Promise<boolean>

/** Resolves after virtual milliseconds, or when one of the signals aborts. */
export async function sleep(clock: Clock, ms: number, ...signals: readonly EndSignal[]): Promise<void> {
  if (!(ms >= 0 && Number.isFinite(ms))) {
    throw new NetworkerError('INVALID_OPTION', `a sleep takes milliseconds of at least 0, got ${ms}`)
  }
  if (signals.some(({ aborted }) => aborted)) return
  let end = (): void => {}
  const over = new Promise<void>((resolve) => {
    end = resolve
  })
  // Not setTimeout: that takes 25 days for a millisecond.
  const timer = clock.at(clock.now() + ms, end, TIMER_RANK)
  for (const signal of signals) signal.addEventListener('abort', end)
  await over
  timer.cancel()
  for (const signal of signals) signal.removeEventListener('abort', end)
}

/**
 * Resolves once a condition holds, which is looked at now and then: a condition may ask for what no event tells.
 *
 * @returns whether it held within the milliseconds, before the signal aborted
 * @throws what it throws, unless that is about a peer that is down: then it does not hold yet
 */
export async function poll(
  clock: Clock,
  condition: Condition,
  within: number,
  signal: EndSignal
): Promise<boolean> {
  const start = clock.now()
  for (;;) {
    const left = start + within - clock.now()
    if (await holds(clock, condition, left, signal)) return true
    const waited = clock.now() - start
    if (signal.aborted || waited >= within) return false
    await sleep(clock, Math.min(Math.max(POLL, waited * POLL_SHARE), within - waited), signal)
  }
}

/** What a condition says; null when it asks a peer that is down. */
export function ask(condition: Condition): boolean | null | Promise<boolean | null> {
  const known = (error: unknown): null => {
    if (error instanceof PeerDown) return null
    throw error
  }
  try {
    const answer = condition()
    return answer instanceof Promise ? answer.catch(known) : answer
  } catch (error) {
    return known(error)
  }
}

/** False also when it has not answered in time. */
async function holds(
  clock: Clock,
  condition: Condition,
  left: number,
  signal: EndSignal
): Promise<boolean | null> {
  const answer = ask(condition)
  if (!(answer instanceof Promise)) return answer
  const answered = new Ending()
  const late = sleep(clock, left, answered, signal).then(() => false)
  try {
    return await Promise.race([answer, late])
  } finally {
    answered.end()
  }
}
