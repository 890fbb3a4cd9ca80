import type { Random } from '../random.js'

/**
 * A frame on its way, or a marker: a function that is called at the other end once all that was written before it
 * has arrived. The end of a stream is one.
 */
export class Flight {
  readonly sent: number
  readonly size: number
  readonly frame: Buffer | null
  readonly marker: (() => void) | null
  arrival: number
  /** Whether it has reached the other host. It may still have to pass that host's line. */
  received = false
  /** The injected fault that holds it, until that lets go of it or it is delivered by hand. */
  held: object | null = null

  constructor(sent: number, arrival: number, load: Buffer | (() => void)) {
    this.sent = sent
    this.arrival = arrival
    this.frame = typeof load === 'function' ? null : load
    this.marker = typeof load === 'function' ? load : null
    this.size = this.frame?.byteLength ?? 0
  }
}

/** The pieces in which a frame arrives, none longer than a slice. */
export function cut(frame: Buffer, slice: number): readonly Buffer[] {
  if (frame.byteLength <= slice) return [frame]
  const pieces: Buffer[] = []
  for (let start = 0; start < frame.byteLength; start += slice) {
    pieces.push(frame.subarray(start, start + slice))
  }
  return pieces
}

/** A copy of a frame with one bit turned: the last bit in the first frame of a link, a random one in all others. */
export function turnBit(frame: Buffer, random: Random, isFirst: boolean): Buffer {
  const changed = Buffer.from(frame)
  // A link's first frame is a Noise key. With its last bit turned it is a valid key still. With another bit turned
  // that depends on the key, which no seed decides: runs of one seed would differ.
  const [at, bit] = isFirst
    ? [changed.byteLength - 1, 7]
    : [random.below(changed.byteLength), random.below(8)]
  changed[at] = changed[at]! ^ (1 << bit)
  return changed
}
