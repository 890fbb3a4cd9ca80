import type { EventEmitter } from 'node:events'
import type { RawStream } from '@basestore/networker/transport'
import type { Judgement } from '../src/faults/rule.js'
import { Host } from '../src/host.js'
import { Direction, type DirectionContext } from '../src/links/direction.js'
import type { Flight } from '../src/links/flight.js'
import { LinkEnd } from '../src/links/link-end.js'
import { linkError } from '../src/links/link-error.js'
import { type LinkShape, toFullShape } from '../src/links/shape.js'
import type { Clock } from '../src/time/clock.js'
import { VirtualClock } from '../src/time/virtual-clock.js'

export type End = EventEmitter & RawStream & { readonly destroying: boolean; readonly destroyed: boolean }

export interface BareLinkOptions {
  readonly clock?: Clock
  /** The shape from A to B, and from B to A unless `back` is given. */
  readonly shape?: LinkShape
  readonly back?: LinkShape
  readonly from?: Host
  readonly to?: Host
  readonly seed?: string
  /** Must be above the ranks of links that were made before on the same clock. */
  readonly rank?: number
  readonly judge?: (frame: Uint8Array) => Judgement
}

/** A link without a network: two ends, and the two directions between them. */
export class BareLink implements DirectionContext {
  readonly clock: Clock
  readonly there: Direction
  readonly back: Direction
  readonly a: End
  readonly b: End
  readonly judge: (direction: Direction, frame: Uint8Array) => Judgement
  /** Called when a frame or a marker arrives. */
  delivered: (direction: Direction, flight: Flight) => void = () => {}

  constructor({ clock = new VirtualClock(), shape = {}, ...options }: BareLinkOptions = {}) {
    const { back = shape, from = new Host('a'), to = new Host('b'), rank = 0, seed = 'bare' } = options
    const { judge = () => 'pass' } = options
    this.clock = clock
    this.judge = (_, frame) => judge(frame)
    const there = { from, to, rank, chances: seed, shape: toFullShape(shape) }
    this.there = new Direction(this, there)
    this.back = new Direction(this, {
      ...there,
      from: to,
      to: from,
      rank: rank + 1,
      chances: `${seed}/back`,
      shape: toFullShape(back)
    })
    const [a, b] = LinkEnd.pair(this.there, this.back)
    this.a = a as unknown as End
    this.b = b as unknown as End
  }

  reset(): void {
    for (const end of [this.a, this.b]) {
      end.on('error', () => {})
      end.destroy(linkError('ECONNRESET'))
    }
    this.there.clear()
    this.back.clear()
  }
}

/** Collects the frames that arrive, as texts, each with the time on the clock. */
export function arrivals({ clock }: BareLink, end: End): [text: string, time: number][] {
  const seen: [string, number][] = []
  end.on('data', (frame: Buffer) => seen.push([frame.toString(), clock.now()]))
  return seen
}

/** Writes so many bytes as fast as the other end takes them. Resolves when the last one has arrived. */
export function transfer(from: End, to: End, bytes: number, size = 16_384): Promise<void> {
  return new Promise((resolve) => {
    let read = 0
    to.on('data', (frame: Buffer) => {
      read += frame.byteLength
      if (read >= bytes) resolve()
    })
    pour(from, bytes, size)
  })
}

/** Writes so many bytes, as fast as the stream takes them. Returns a count of those that it took so far. */
export function pour(end: End, bytes: number, size = 16_384): { readonly sent: number } {
  const progress = { sent: 0 }
  const frame = Buffer.alloc(size)
  const write = () => {
    while (progress.sent < bytes) {
      progress.sent += size
      if (!end.write(frame)) return
    }
  }
  end.on('drain', write)
  write()
  return progress
}
