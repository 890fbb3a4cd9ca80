import { NetworkerError } from '@basestore/networker'
import { Random } from '@basestore/transport-memory'
import type { PlannedFault } from '../report.js'

/** What chaos does, each so often a minute on average. */
export interface ChaosRates {
  /** All links between two peers break. */
  readonly resets?: number
  /** The network falls apart: one peer alone, a majority and the rest, a bridge, a ring of majorities, or at random. */
  readonly splits?: number
  /** Some peers' links clog, one after the other, and are freed in another order, as FoundationDB's tests do. */
  readonly clogs?: number
  /** A peer ends from one moment to the next, and starts again. */
  readonly crashes?: number
  /** A peer's computer stops for a while. */
  readonly pauses?: number
  /** A peer leaves, and comes back. */
  readonly churn?: number
}

export interface ChaosOptions extends ChaosRates {
  /** Virtual milliseconds in which faults begin. @default 60_000 */
  readonly duration?: number
  /** How long a fault lasts, in milliseconds: from the first to the second, each length as likely. @default [1_000, 10_000] */
  readonly lasting?: readonly [min: number, max: number]
  /**
   * Phases in which no fault begins, in milliseconds: after each `every` one of `length`.
   * @default none
   */
  readonly quiet?: { readonly every: number; readonly length: number }
  /** Names of those that crash, pause and leave. @default all */
  readonly victims?: readonly string[]
}

const KINDS = ['resets', 'splits', 'clogs', 'crashes', 'pauses', 'churn'] as const
export type ChaosKind = (typeof KINDS)[number]

/** A fault as it is planned: all of it follows from the seed, and nothing from what happens in the run. */
export interface ChaosFault extends PlannedFault {
  readonly kind: ChaosKind
  /** For whatever else is drawn when it begins. */
  readonly random: Random
}

/** How many there have to be to choose from. A split takes who is there when it begins. */
const LEAST: Readonly<Record<ChaosKind, number>> = {
  resets: 2,
  splits: 0,
  clogs: 1,
  crashes: 1,
  pauses: 1,
  churn: 1
}

/** What chaos lasts unless told otherwise, in milliseconds. */
export const DURATION = 60_000
const LASTING = [1_000, 10_000] as const
const MINUTE = 60_000
/** The share of the peers that a clog concerns, at most. */
const CLOGGED = 1 / 2

/**
 * All faults of a run, by time. Each kind draws from a generator of its own, so that another rate of one does not
 * shift the others.
 *
 * @param start when it begins, in virtual milliseconds
 * @throws NetworkerError `INVALID_OPTION`
 */
export function planChaos(
  options: ChaosOptions,
  names: readonly string[],
  seed: string,
  start = 0
): ChaosFault[] {
  const { duration = DURATION, victims = names } = options
  check(options, duration, names, victims)
  const planned: Omit<ChaosFault, 'id'>[] = []
  for (const kind of KINDS) {
    const among = kind === 'resets' || kind === 'clogs' ? names : victims
    const rate = among.length < LEAST[kind] ? 0 : (options[kind] ?? 0)
    const random = new Random(`${seed}/chaos/${kind}`)
    let count = 0
    for (let time = pause(rate, random); time < duration; time += pause(rate, random)) {
      const fault = plan(kind, among, options, random)
      const own = new Random(`${seed}/chaos/${kind}/${count++}`)
      if (!isQuiet(time, options)) planned.push({ ...fault, kind, time: start + time, random: own })
    }
  }
  planned.sort((a, b) => a.time - b.time || KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind))
  return planned.map((fault, index) => ({ id: index + 1, ...fault }))
}

function plan(kind: ChaosKind, among: readonly string[], options: ChaosOptions, random: Random) {
  const [min, max] = options.lasting ?? LASTING
  const duration = kind === 'resets' ? 0 : Math.round(min + random.unit() * (max - min))
  const shuffled = random.shuffle([...among])
  return { duration, who: shuffled.slice(0, howMany(kind, among.length, random)) }
}

function howMany(kind: ChaosKind, count: number, random: Random): number {
  if (kind === 'splits') return 0
  if (kind === 'resets') return 2
  return kind === 'clogs' ? 1 + random.below(Math.max(1, Math.floor(count * CLOGGED))) : 1
}

/** Until the next one, in milliseconds: a Poisson process, so that none is evenly spaced. */
function pause(rate: number, random: Random): number {
  return rate > 0 ? (-Math.log(1 - random.unit()) * MINUTE) / rate : Number.POSITIVE_INFINITY
}

function isQuiet(time: number, { quiet }: ChaosOptions): boolean {
  return quiet !== undefined && time % (quiet.every + quiet.length) >= quiet.every
}

function check(
  { lasting = LASTING, quiet, ...rates }: ChaosOptions,
  duration: number,
  names: readonly string[],
  victims: readonly string[]
): void {
  for (const kind of KINDS) {
    const rate = rates[kind] ?? 0
    if (!isLength(rate)) throw invalid(`${kind} must be a number a minute of at least 0, got ${rate}`)
  }
  if (!isLength(duration)) throw invalid(`duration must be milliseconds of at least 0, got ${duration}`)
  const [min, max] = lasting
  if (!(isLength(min) && isLength(max) && max >= min)) {
    throw invalid(`lasting must be [min, max] in milliseconds, got [${lasting}]`)
  }
  if (quiet && !(isLength(quiet.every) && isLength(quiet.length) && quiet.every + quiet.length > 0)) {
    throw invalid(`quiet must be { every, length } in milliseconds, got { ${quiet.every}, ${quiet.length} }`)
  }
  const stranger = victims.find((name) => !names.includes(name))
  if (stranger !== undefined) throw invalid(`no peer is called '${stranger}', there are ${names.join(', ')}`)
}

function isLength(value: number): boolean {
  return value >= 0 && Number.isFinite(value)
}

function invalid(detail: string): NetworkerError {
  return new NetworkerError('INVALID_OPTION', detail)
}
