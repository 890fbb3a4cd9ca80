import { NetworkerError } from '@basestore/networker/transport'
import { checkDistribution, type Distribution, reachOf } from '../distribution.js'

/** How one direction of a link behaves. Nothing given is a perfect one: no delay, no limit. */
export interface Shape {
  /**
   * How long a frame is on its way, one way, in milliseconds. Frames never overtake each other: where it is drawn,
   * those behind a late one wait for it.
   * @default 0
   */
  readonly latency?: Distribution
  /** Bytes a second. @default no limit; with latency, as much may be under way as at 1 Gbit/s */
  readonly bandwidth?: number
  /** Bytes that wait to be sent before the writer has to. @default 65_536 */
  readonly queue?: number
  /** The most bytes that arrive in one piece: a longer frame is cut. @default no limit */
  readonly slice?: number
  /**
   * What arrives within so many milliseconds of a frame arrives together with it, in one piece, unless that were
   * longer than `slice` or 64 KiB. The frame waits for as long.
   * @default 0
   */
  readonly coalesce?: number
}

/** What waits to be sent before the writer has to, unless a shape says otherwise, in bytes. */
const QUEUE = 64 * 1024
/** A shape with all its parts. */
export interface FullShape {
  readonly latency: Distribution
  /** Bytes a millisecond. */
  readonly rate: number
  readonly queue: number
  readonly slice: number
  readonly coalesce: number
  /** What hardly any frame is on its way for longer, in milliseconds. */
  readonly reach: number
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
  return { latency, rate: bandwidth / 1000, queue, slice, coalesce, reach: reachOf(latency) + coalesce }
}

function check(name: string, what: string, value: number, isFine: boolean): void {
  if (!isFine) throw new NetworkerError('INVALID_OPTION', `${name} must be ${what}, got ${value}`)
}
