import { NetworkerError } from '@basestore/networker'
import { checkOptions, type OptionKinds } from '@basestore/networker/transport'
import { type ACTIONS, KINDS } from './actions.js'

/** How often each action of chaos happens, a minute on average. @default 0 */
export type ChaosRates = { readonly [Kind in keyof typeof ACTIONS]?: number }

export interface ChaosOptions extends ChaosRates {
  /** Virtual milliseconds in which faults begin. @default 60_000 */
  readonly duration?: number
  /** The least and the most milliseconds that a fault lasts. Each length between is as likely. @default [1_000, 10_000] */
  readonly lasting?: readonly [min: number, max: number]
  /**
   * Phases in which no fault begins, in milliseconds: after each `every`, one of `length`.
   * @default none
   */
  readonly quiet?: { readonly every: number; readonly length: number }
  /** Names of the peers that may crash, pause and leave. @default all */
  readonly victims?: readonly string[]
}

const RATES = Object.fromEntries(KINDS.map((kind) => [kind, 'any'])) as OptionKinds<ChaosRates>
const OPTIONS: OptionKinds<ChaosOptions> = {
  ...RATES,
  duration: 'number',
  lasting: 'any',
  quiet: 'object',
  victims: 'any'
}
const QUIET: OptionKinds<Required<ChaosOptions>['quiet']> = { every: 'number', length: 'number' }

/** Virtual milliseconds. */
export const DURATION = 60_000
/** Milliseconds. A silent peer is given up after 10 s, so faults end both before and after that. */
export const LASTING = [1_000, 10_000] as const

/** @throws NetworkerError `INVALID_OPTION` */
export function assertOptions(options: ChaosOptions, names: readonly string[]): void {
  checkOptions<ChaosOptions>(options, OPTIONS, { what: 'the options of chaos()' })
  if (options.quiet) checkOptions(options.quiet, QUIET, { what: 'the parts of quiet' })
  const { duration = DURATION, lasting = LASTING, quiet, victims = names } = options
  for (const kind of KINDS) {
    const rate = options[kind] ?? 0
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
