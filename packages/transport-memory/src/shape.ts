import { NetworkerError } from '@basestore/networker/transport'
import { checkDistribution, type Distribution, meanOf } from './distribution.js'

/** How one direction of a link behaves. Nothing given is a perfect one: no delay, no limit. */
export interface Shape {
  /** How long a frame is on its way, in milliseconds. Frames never overtake each other. @default 0 */
  readonly latency?: Distribution
  /** Bytes a second. @default no limit */
  readonly bandwidth?: number
  /** Bytes that wait to be sent before the writer has to. @default 65_536 */
  readonly queue?: number
  /** The most bytes that arrive in one piece: a longer frame is cut. @default no limit */
  readonly slice?: number
  /** What arrives within so many milliseconds of a frame arrives together with it, in one piece. @default 0 */
  readonly coalesce?: number
}

/** What waits to be sent before the writer has to, unless a shape says otherwise, in bytes. */
const QUEUE = 64 * 1024
/** What may be under way, as of TCP's receive window, in bytes, where bandwidth and latency do not ask for more. */
const WINDOW = 1024 * 1024

/** A shape with all its parts. */
export interface FullShape {
  readonly latency: Distribution
  /** Bytes a millisecond. */
  readonly rate: number
  readonly queue: number
  readonly slice: number
  readonly coalesce: number
  /** What a frame is on its way on average, in milliseconds. */
  readonly delay: number
  /** The least that may be under way, in bytes; 0 lets one write go at a time. */
  readonly window: number
}

export const PERFECT: FullShape = toFullShape({})

/** @throws NetworkerError `INVALID_OPTION` */
export function toFullShape(shape: Shape): FullShape {
  const { latency = 0, bandwidth = Number.POSITIVE_INFINITY, queue = QUEUE } = shape
  const { slice = Number.POSITIVE_INFINITY, coalesce = 0 } = shape
  checkDistribution('latency', latency)
  check('bandwidth', 'bytes a second above 0', bandwidth, bandwidth > 0)
  check('queue', 'bytes of at least 0', queue, queue >= 0)
  check('slice', 'bytes of at least 1', slice, slice >= 1)
  check('coalesce', 'milliseconds of at least 0', coalesce, coalesce >= 0 && Number.isFinite(coalesce))
  const rate = bandwidth / 1000
  const delay = meanOf(latency) + coalesce
  const perfect = delay === 0 && rate === Number.POSITIVE_INFINITY
  return { latency, rate, queue, slice, coalesce, delay, window: perfect ? 0 : WINDOW }
}

function check(name: string, what: string, value: number, isFine: boolean): void {
  if (!isFine) throw new NetworkerError('INVALID_OPTION', `${name} must be ${what}, got ${value}`)
}
