import { invalidOption } from './check.js'
import type { Random } from './random.js'

/**
 * How long something takes (ms): always the same, or drawn anew each time. A value below 0 counts as 0.
 */
export type Distribution =
  | number
  /** Each value between the two is as likely as any other. */
  | { readonly uniform: readonly [min: number, max: number] }
  | { readonly normal: { readonly mean: number; readonly deviation: number } }
  /** Mostly near the floor and sometimes far above it, as on a wireless link. `mean` is that of the part above. */
  | { readonly exponential: { readonly floor: number; readonly mean: number } }
  /** One of these values, such as measured ones. */
  | { readonly samples: readonly number[] }

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

/** A time that hardly any drawn value exceeds (ms). */
export function reachOf(distribution: Distribution): number {
  if (typeof distribution === 'number') return distribution
  if ('uniform' in distribution) return distribution.uniform[1]
  if ('normal' in distribution) return distribution.normal.mean + 4 * distribution.normal.deviation
  if ('exponential' in distribution)
    return distribution.exponential.floor + 10 * distribution.exponential.mean
  return distribution.samples.reduce((longest, sample) => Math.max(longest, sample), 0)
}

/** @throws NetworkerError `INVALID_OPTION` */
export function checkDistribution(name: string, distribution: Distribution): void {
  const values = valuesOf(distribution)
  if (values.length > 0 && values.every((value) => value >= 0 && Number.isFinite(value))) return
  const got = typeof distribution === 'object' ? JSON.stringify(distribution) : String(distribution)
  throw invalidOption(
    `${name} must be milliseconds of at least 0, { uniform: [min, max] }, { normal: { mean, deviation } }, ` +
      `{ exponential: { floor, mean } } or { samples: [ms, ...] }, got ${got}`
  )
}

/** The numbers in it; none when it is none of the shapes, or has parts that no shape has. */
function valuesOf(distribution: Distribution): readonly number[] {
  if (typeof distribution === 'number') return [distribution]
  if (Object.keys(distribution ?? {}).length !== 1) return []
  const { uniform, normal, exponential, samples } = distribution as Partial<Record<string, unknown>>
  if (Array.isArray(uniform)) return uniform.length === 2 && uniform[0] <= uniform[1] ? uniform : []
  if (normal) return partsOf(normal, 'mean', 'deviation')
  if (exponential) return partsOf(exponential, 'floor', 'mean')
  return Array.isArray(samples) ? samples : []
}

function partsOf(shape: object, ...names: readonly string[]): readonly number[] {
  if (Object.keys(shape).some((name) => !names.includes(name))) return []
  return names.map((name) => (shape as Record<string, number>)[name]!)
}
