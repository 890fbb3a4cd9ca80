import { NetworkerError } from '@basestore/networker/transport'
import type { DialFailure, Fault, Rule } from './faults.js'
import type { Host } from './host.js'
import type { Random } from './random.js'
import { describeSelector, matches, type Selector } from './selector.js'
import { type Shape, toFullShape } from './shape.js'

/** Which of the two directions a fault is in. */
export interface OneWay {
  /** Only from the first to the second. @default false */
  readonly oneWay?: boolean
}

export interface PartitionOptions extends OneWay {
  /**
   * What becomes of what is sent: `drop` sends it again until the partition is healed, or the link's ends give up
   * after 10 s; `hold` keeps it for as long as it takes; `reset` breaks links, and those that are dialled.
   * @default 'drop'
   */
  readonly mode?: 'drop' | 'hold' | 'reset'
}

export interface CorruptOptions extends OneWay {
  /** The share of the frames of which one bit is turned, from 0 to 1. @default 1 */
  readonly share?: number
}

type Way = Pick<Fault, 'who' | 'applies'>

export function partition(a: Selector, b: Selector, { mode = 'drop', oneWay }: PartitionOptions): Fault {
  return { kind: 'partition', stops: mode, ...wayBetween(a, b, oneWay) }
}

export function shaping(a: Selector, b: Selector, shape: Shape, { oneWay }: OneWay): Fault {
  return { kind: 'shape', shape: toFullShape(shape), ...wayBetween(a, b, oneWay) }
}

/** Dials have a direction of their own. */
export function dialFailure(from: Selector, to: Selector, dial: DialFailure): Fault {
  return { kind: `dial ${dial}`, dial, ...wayBetween(from, to, true) }
}

export function corruption(a: Selector, b: Selector, options: CorruptOptions, random: Random): Fault {
  const { share = 1, oneWay } = options
  if (!(share >= 0 && share <= 1)) {
    throw new NetworkerError('INVALID_OPTION', `share must be from 0 to 1, got ${share}`)
  }
  const judge: Rule = () => (random.chance(share) ? 'corrupt' : undefined)
  return { kind: 'corrupt', judge, ...wayBetween(a, b, oneWay) }
}

export function ruling(judge: Rule): Fault {
  return { kind: 'rule', who: judge.name || 'every frame', applies: () => true, judge }
}

function wayBetween(a: Selector, b: Selector, oneWay = false): Way {
  const isThere = (from: Host, to: Host) => matches(a, from) && matches(b, to)
  const who = `${describeSelector(a)} ${oneWay ? '->' : '<->'} ${describeSelector(b)}`
  return { who, applies: (from, to) => isThere(from, to) || (!oneWay && isThere(to, from)) }
}
