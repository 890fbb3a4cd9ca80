import type { Run } from './question.js'

export interface AlternateOptions {
  readonly trials: number
  /** Rounds whose samples are thrown away, before the trials. @default 1 */
  readonly warmup?: number
}

/**
 * Measures contenders in alternation. Each round measures every contender once. The next round begins with another
 * contender, so that none always finds the machine as the same other left it.
 *
 * @returns the samples of each contender, in the order of the trials
 */
export async function alternate<Name extends string, Sample>(
  run: Run,
  contenders: Readonly<Record<Name, () => Promise<Sample>>>,
  { trials, warmup = 1 }: AlternateOptions
): Promise<Record<Name, Sample[]>> {
  const names = Object.keys(contenders) as Name[]
  const samples = Object.fromEntries(names.map((name) => [name, [] as Sample[]])) as Record<Name, Sample[]>
  for (let round = -warmup; round < trials; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(turn + round + warmup) % names.length]!
      run.progress(`${name}, ${round < 0 ? 'warm-up' : `${round + 1} of ${trials}`}`)
      const sample = await contenders[name]()
      if (round >= 0) samples[name].push(sample)
    }
  }
  return samples
}
