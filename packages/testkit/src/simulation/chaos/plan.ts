import { Random } from '@basestore/transport-memory'
import type { ChaosFault } from './action.js'
import { actionOf, type ChaosKind, KINDS } from './actions.js'
import { assertOptions, type ChaosOptions, DURATION, LASTING } from './options.js'

export interface ChaosPlanFault extends ChaosFault {
  readonly kind: ChaosKind
}

const MINUTE = 60_000

/**
 * All faults of one call of `sim.chaos`, by time. Each kind draws from a generator of its own, so the rate of one kind
 * does not shift the faults of another.
 *
 * @param start when chaos begins, in virtual milliseconds
 * @throws NetworkerError `INVALID_OPTION`
 */
export function planChaos(
  options: ChaosOptions,
  names: readonly string[],
  seed: string,
  start = 0
): ChaosPlanFault[] {
  assertOptions(options, names)
  const planned = KINDS.flatMap((kind) => planKind(kind, options, names, `${seed}/chaos/${kind}`))
  planned.sort((a, b) => a.time - b.time || KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind))
  return planned.map((fault, index) => ({ ...fault, id: index + 1, time: start + fault.time }))
}

function planKind(
  kind: ChaosKind,
  options: ChaosOptions,
  names: readonly string[],
  seed: string
): Omit<ChaosPlanFault, 'id'>[] {
  const { duration = DURATION, victims = names } = options
  const { from, least } = actionOf(kind)
  const among = from === 'peers' ? names : victims
  const rate = among.length < least ? 0 : (options[kind] ?? 0)
  const random = new Random(seed)
  const planned: Omit<ChaosPlanFault, 'id'>[] = []
  let count = 0
  for (let time = gap(rate, random); time < duration; time += gap(rate, random)) {
    const fault = {
      kind,
      time,
      ...draw(kind, among, options, random),
      random: new Random(`${seed}/${count++}`)
    }
    if (!isQuiet(time, options)) planned.push(fault)
  }
  return planned
}

function draw(kind: ChaosKind, among: readonly string[], options: ChaosOptions, random: Random) {
  const action = actionOf(kind)
  const [min, max] = options.lasting ?? LASTING
  const duration = action.isMomentary ? 0 : Math.round(min + random.unit() * (max - min))
  const shuffled = random.shuffle([...among])
  return { duration, who: shuffled.slice(0, action.howMany(among.length, random)) }
}

/** Milliseconds until the next fault: a Poisson process, so that faults are not evenly spaced. */
function gap(rate: number, random: Random): number {
  return rate > 0 ? (-Math.log(1 - random.unit()) * MINUTE) / rate : Number.POSITIVE_INFINITY
}

function isQuiet(time: number, { quiet }: ChaosOptions): boolean {
  return quiet !== undefined && time % (quiet.every + quiet.length) >= quiet.every
}
