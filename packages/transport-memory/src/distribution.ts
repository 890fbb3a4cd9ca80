import { NetworkerError } from '@basestore/networker/transport'
import type { Random } from './random.js'

/**
 * How long something takes, in milliseconds: always the same, or drawn anew each time. What falls below 0 counts
 * as 0.
 */
export type Distribution =
  | number
  /** Each value between the two is as likely as any other. */
  | { readonly uniform: readonly [min: number, max: number] }
  | { readonly normal: { readonly mean: number; readonly deviation: number } }
  /** Mostly near the floor and now and then far above it, as a wireless link; `mean` is that of what is above. */
  | { readonly exponential: { readonly floor: number; readonly mean: number } }
  /** One of those that were measured. */
  | { readonly samples: readonly number[] }

/** Draws one value. */
export function draw(distribution: Distribution, random: Random): number {
  if (typeof distribution === 'number') return distribution
  return Math.max(0, drawFrom(distribution, random))
}

function drawFrom(distribution: Exclude<Distribution, number>, random: Random): number {
  if ('uniform' in distribution) {
    const [min, max] = distribution.uniform
    return min + random.unit() * (max - min)
  }
  if ('normal' in distribution) {
    const { mean, deviation } = distribution.normal
    // Box and Muller, 1958. 1 - unit() is never 0.
    const radius = Math.sqrt(-2 * Math.log(1 - random.unit()))
    return mean + deviation * radius * Math.cos(2 * Math.PI * random.unit())
  }
  if ('exponential' in distribution) {
    const { floor, mean } = distribution.exponential
    return floor - mean * Math.log(1 - random.unit())
  }
  return distribution.samples[random.below(distribution.samples.length)]!
}

/** What is drawn on average, in milliseconds. */
export function meanOf(distribution: Distribution): number {
  if (typeof distribution === 'number') return distribution
  if ('uniform' in distribution) return (distribution.uniform[0] + distribution.uniform[1]) / 2
  if ('normal' in distribution) return distribution.normal.mean
  if ('exponential' in distribution) return distribution.exponential.floor + distribution.exponential.mean
  return distribution.samples.reduce((sum, sample) => sum + sample, 0) / distribution.samples.length
}

/** @throws NetworkerError `INVALID_OPTION` */
export function checkDistribution(name: string, distribution: Distribution): void {
  const values = valuesOf(distribution)
  if (values && values.length > 0 && values.every((value) => value >= 0 && Number.isFinite(value))) return
  throw new NetworkerError(
    'INVALID_OPTION',
    `${name} must be milliseconds of at least 0, { uniform: [min, max] }, { normal: { mean, deviation } }, ` +
      `{ exponential: { floor, mean } } or { samples: [ms, ...] }, got ${JSON.stringify(distribution)}`
  )
}

function valuesOf(distribution: Distribution): readonly number[] | undefined {
  if (typeof distribution === 'number') return [distribution]
  if (typeof distribution !== 'object' || distribution === null) return undefined
  if ('uniform' in distribution) {
    const [min, max] = distribution.uniform
    return min <= max ? [min, max] : undefined
  }
  if ('normal' in distribution) return [distribution.normal.mean, distribution.normal.deviation]
  if ('exponential' in distribution) return [distribution.exponential.floor, distribution.exponential.mean]
  return 'samples' in distribution ? distribution.samples : undefined
}
