import type { Run } from './question.js'

export interface AlternateOptions {
  readonly trials: number
  /** Rounds before those that count. @default 1 */
  readonly warmup?: number
}

/**
 * Measures contenders in alternation, each as often: a round has all of them, and each round begins with the next, so
 * that none always has the machine as another left it.
 *
 * @returns what each trial of each returned
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
