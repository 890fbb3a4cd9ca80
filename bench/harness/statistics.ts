import { median, quantile } from 'simple-statistics'
import type { Bound, Target } from './question.js'

export interface Summary {
  readonly median: number
  /** The lower quartile. */
  readonly low: number
  /** The upper quartile. */
  readonly high: number
}

/** @throws RangeError without a sample, or with one that is no number: a benchmark that measured nothing fails */
export function summarize(samples: readonly number[]): Summary {
  if (samples.length === 0 || !samples.every(Number.isFinite)) {
    throw new RangeError(`a series takes at least one number and no other, got [${samples.join(', ')}]`)
  }
  const all = [...samples]
  return { median: median(all), low: quantile(all, 0.25), high: quantile(all, 0.75) }
}

/** The median of a series as a target, with its spread. */
export function medianTarget(what: string, unit: string, samples: readonly number[], bound: Bound): Target {
  const { median, low, high } = summarize(samples)
  return { what, value: median, spread: [low, high], unit, ...bound }
}

/**
 * The ratio of two medians as a target. The spread is that of the ratios trial by trial: the two samples of a trial
 * were measured one after the other, so that what slows the machine slows both.
 */
export function ratio(what: string, of: readonly number[], to: readonly number[], bound: Bound): Target {
  const pairs = of.slice(0, to.length).map((value, trial) => value / to[trial]!)
  const { low, high } = summarize(pairs)
  return {
    what,
    value: summarize(of).median / summarize(to).median,
    spread: [low, high],
    unit: '×',
    ...bound
  }
}

export function isReached({ value, atMost, atLeast }: Target): boolean {
  return value <= (atMost ?? Number.POSITIVE_INFINITY) && value >= (atLeast ?? Number.NEGATIVE_INFINITY)
}
