import { median, quantile } from 'simple-statistics'
import type { Target } from './question.js'

export interface Summary {
  readonly median: number
  /** The lower and the upper quartile. */
  readonly low: number
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

/**
 * The ratio of two medians. Its spread is that of the ratios trial by trial: in each trial both ran one after the
 * other, so what slows the machine slows both.
 */
export function ratio(
  what: string,
  of: readonly number[],
  to: readonly number[],
  reach: Pick<Target, 'atMost' | 'atLeast'> = {}
): Target {
  const pairs = of.slice(0, to.length).map((value, trial) => value / to[trial]!)
  const { low, high } = summarize(pairs)
  return {
    what,
    value: summarize(of).median / summarize(to).median,
    spread: [low, high],
    unit: '×',
    ...reach
  }
}

export function isReached({ value, atMost, atLeast }: Target): boolean {
  return value <= (atMost ?? Number.POSITIVE_INFINITY) && value >= (atLeast ?? Number.NEGATIVE_INFINITY)
}
