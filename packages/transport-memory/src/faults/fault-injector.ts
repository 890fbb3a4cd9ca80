import { NetworkerError } from '@basestore/networker/transport'
import type { Host } from '../host.js'
import { type Shape, toFullShape } from '../links/shape.js'
import { DIAL_FAILURES, type DialFailure, type Fault, type Rule } from './faults.js'
import { describeSelector, matches, type Selector } from './selector.js'

/** Which of the two directions a fault is in. */
export interface OneWay {
  /** Only from the first to the second. @default false */
  readonly oneWay?: boolean
}

export interface PartitionOptions extends OneWay {
  /**
   * What becomes of what is sent: `drop` sends it again until the partition is healed, or the link's ends give up
   * after the network's `timeout`; `hold` keeps it for as long as it takes; `reset` breaks links, and those that
   * are dialled.
   * @default 'drop'
   */
  readonly mode?: 'drop' | 'hold' | 'reset'
}

export interface CorruptOptions extends OneWay {
  /** The share of the frames of which one bit is turned, from 0 to 1. @default 1 */
  readonly share?: number
}

const MODES: readonly unknown[] = ['drop', 'hold', 'reset']

type Way = Pick<Fault, 'who' | 'applies'>

export function partition(a: Selector, b: Selector, { mode, oneWay }: PartitionOptions): Fault {
  return { kind: 'partition', stops: toMode(mode), ...wayBetween(a, b, oneWay) }
}

/** @throws NetworkerError `INVALID_OPTION` */
export function toMode(mode: PartitionOptions['mode'] = 'drop'): 'drop' | 'hold' | 'reset' {
  if (MODES.includes(mode)) return mode
  throw new NetworkerError('INVALID_OPTION', `mode must be one of ${MODES.join(', ')}, got ${mode}`)
}

export function shaping(a: Selector, b: Selector, shape: Shape, { oneWay }: OneWay): Fault {
  return { kind: 'shape', shape: toFullShape(shape), ...wayBetween(a, b, oneWay) }
}

/** Dials have a direction of their own. */
export function dialFailure(from: Selector, to: Selector, dial: DialFailure): Fault {
  if (!DIAL_FAILURES.includes(dial)) {
    throw new NetworkerError(
      'INVALID_OPTION',
      `a dial fails in one of the ways ${DIAL_FAILURES.join(', ')}, got ${dial}`
    )
  }
  return { kind: `dial ${dial}`, dial, ...wayBetween(from, to, true) }
}

export function corruption(a: Selector, b: Selector, { share = 1, oneWay }: CorruptOptions): Fault {
  if (!(share >= 0 && share <= 1)) {
    throw new NetworkerError('INVALID_OPTION', `share must be from 0 to 1, got ${share}`)
  }
  const judge: Rule = (_, chance) => (chance(share) ? 'corrupt' : undefined)
  return { kind: 'corrupt', judge, ...wayBetween(a, b, oneWay) }
}

export function ruling(judge: Rule): Fault {
  if (typeof judge !== 'function') {
    throw new NetworkerError('INVALID_OPTION', `rule() takes a function of a frame, got ${judge}`)
  }
  return { kind: 'rule', who: judge.name || 'every frame', applies: () => true, judge }
}

/** A process that is stopped, as by SIGSTOP: to the others its computer is as good as gone. */
export function pausing(who: Selector): Fault {
  const pauses = (host: Host) => matches(who, host)
  const applies = (from: Host, to: Host) => pauses(from) || pauses(to)
  return { kind: 'pause', who: describeSelector(who), stops: 'drop', applies, pauses }
}

function wayBetween(a: Selector, b: Selector, oneWay = false): Way {
  const isThere = (from: Host, to: Host) => matches(a, from) && matches(b, to)
  const who = `${describeSelector(a)} ${oneWay ? '->' : '<->'} ${describeSelector(b)}`
  const applies = (from: Host, to: Host) => {
    if (from === to) return false // what stays on one computer is on no network
    return isThere(from, to) || (!oneWay && isThere(to, from))
  }
  return { who, applies }
}
