import type { Contender, Growth, GrowthPoint, Series, Target } from './question.js'
import { ratio } from './statistics.js'

/** The results of each contender, one for each trial. */
export type Samples<Sample> = Readonly<Partial<Record<Contender, readonly Sample[]>>>

/** Picks a figure of a trial; undefined where the trial has none. */
export type Value<Sample> = (sample: Sample) => number | undefined

/** The results at one size of the work. */
export interface Sized<Sample> {
  readonly size: number
  readonly samples: Samples<Sample>
}

/** How much more a unit of the work may cost at the largest size than at the smallest, to count as linear. */
const LINEAR = 1.5

/** One series for each contender with at least one value. */
export function seriesOf<Sample>(
  { what, unit }: Pick<Series, 'what' | 'unit'>,
  samples: Samples<Sample>,
  value: Value<Sample>
): Series[] {
  return valuesOf(samples, value).map(([contender, values]) => ({ contender, what, unit, samples: values }))
}

/** A plot with a point at each size, for each contender with at least one value there. */
export function growthOf<Sample>(
  labels: Omit<Growth, 'points'>,
  sizes: readonly Sized<Sample>[],
  value: Value<Sample>
): Growth {
  return { ...labels, points: sizes.flatMap(({ size, samples }) => pointsAt(size, samples, value)) }
}

/** The points at one place of a plot, for each contender with at least one value. */
export function pointsAt<Sample>(x: number, samples: Samples<Sample>, value: Value<Sample>): GrowthPoint[] {
  return valuesOf(samples, value).map(([contender, values]) => ({ contender, x, samples: values }))
}

/** The target that a cost of ours grows no faster than the work, from the first of the sizes to the last. */
export function linearTarget<Sample>(
  what: string,
  unit: string,
  sizes: readonly Sized<Sample>[],
  value: (sample: Sample) => number
): Target {
  const [small, large] = [sizes[0]!, sizes.at(-1)!]
  const each = ({ size, samples }: Sized<Sample>) => samples.ours!.map((sample) => value(sample) / size)
  const title = `${what} a ${unit} of ${large.size} to one of ${small.size}`
  return ratio(title, each(large), each(small), { atMost: LINEAR })
}

function valuesOf<Sample>(samples: Samples<Sample>, value: Value<Sample>): [Contender, number[]][] {
  const all = Object.entries(samples) as [Contender, readonly Sample[]][]
  const values = all.map(([contender, own]): [Contender, number[]] => {
    return [contender, own.flatMap((sample) => value(sample) ?? [])]
  })
  return values.filter(([, own]) => own.length > 0)
}
