import type { Contender, GrowthPoint, Series } from './question.js'

/** What each contender's trials brought. */
export type Samples<Sample> = Readonly<Partial<Record<Contender, readonly Sample[]>>>

/** What is shown of a trial; undefined where it did not come to that. */
export type Value<Sample> = (sample: Sample) => number | undefined

/** A series of each contender with at least one value. */
export function seriesOf<Sample>(
  { what, unit }: Pick<Series, 'what' | 'unit'>,
  samples: Samples<Sample>,
  value: Value<Sample>
): Series[] {
  return valuesOf(samples, value).map(([contender, values]) => ({ contender, what, unit, samples: values }))
}

/** The points at one place of a plot, of each contender with at least one value. */
export function pointsAt<Sample>(x: number, samples: Samples<Sample>, value: Value<Sample>): GrowthPoint[] {
  return valuesOf(samples, value).map(([contender, values]) => ({ contender, x, samples: values }))
}

function valuesOf<Sample>(samples: Samples<Sample>, value: Value<Sample>): [Contender, number[]][] {
  const all = Object.entries(samples) as [Contender, readonly Sample[]][]
  const values = all.map(([contender, own]): [Contender, number[]] => {
    return [contender, own.flatMap((sample) => value(sample) ?? [])]
  })
  return values.filter(([, own]) => own.length > 0)
}
