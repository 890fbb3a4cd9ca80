import { checkOptions, type OptionKinds } from '@basestore/networker/transport'
import { checkNumber } from '../check.js'
import { checkDistribution, type Distribution, reachOf } from '../distribution.js'

/** How one direction of a link behaves. The default is a perfect link: no delay, no limit. */
export interface LinkShape {
  /**
   * Time that a frame takes to the other end (ms, one way). Frames never overtake each other: with a distribution,
   * the frames behind a late one wait for it.
   * @default 0
   */
  readonly latency?: Distribution
  /** Bytes a second. @default no limit; a link with latency then holds as many bytes as one of 1 Gbit/s */
  readonly bandwidth?: number
  /** Bytes that may wait to be sent before the writer has to wait. @default 65_536 */
  readonly queue?: number
  /** The most bytes that arrive in one piece. A longer frame is cut. @default no limit */
  readonly slice?: number
  /**
   * Time for which an arriving frame waits for others (ms). They arrive together, in one piece of at most `slice`
   * bytes and at most 64 KiB.
   * @default 0
   */
  readonly coalesce?: number
}

const SHAPE: OptionKinds<LinkShape> = {
  latency: 'any',
  bandwidth: 'number',
  queue: 'number',
  slice: 'number',
  coalesce: 'number'
}

/** Default of `queue`, in bytes. */
const QUEUE = 64 * 1024

/** A shape with all its parts. */
export interface FullLinkShape {
  readonly latency: Distribution
  /** Bytes a millisecond. */
  readonly rate: number
  readonly queue: number
  readonly slice: number
  readonly coalesce: number
  /** A time that hardly any frame's way exceeds (ms). */
  readonly reach: number
}

export const PERFECT: FullLinkShape = toFullShape({})

/** @throws NetworkerError `INVALID_OPTION` */
export function toFullShape(shape: LinkShape): FullLinkShape {
  checkOptions<LinkShape>(shape, SHAPE, { what: 'the parts of a link' })
  const { latency = 0, bandwidth = Number.POSITIVE_INFINITY, queue = QUEUE } = shape
  const { slice = Number.POSITIVE_INFINITY, coalesce = 0 } = shape
  checkDistribution('latency', latency)
  checkNumber('bandwidth', 'bytes a second above 0', bandwidth, bandwidth > 0)
  checkNumber('queue', 'bytes of at least 0', queue, queue >= 0)
  checkNumber('slice', 'bytes of at least 1', slice, slice >= 1)
  checkNumber('coalesce', 'milliseconds of at least 0', coalesce, coalesce >= 0 && Number.isFinite(coalesce))
  return { latency, rate: bandwidth / 1000, queue, slice, coalesce, reach: reachOf(latency) + coalesce }
}
