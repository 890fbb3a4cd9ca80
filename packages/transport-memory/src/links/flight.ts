import type { Random } from '../random.js'

/** What is on its way: a frame, or a sign such as that the writer has ended. */
export class Flight {
  readonly sent: number
  readonly size: number
  readonly frame: Buffer | null
  readonly sign: (() => void) | null
  arrival: number
  /** Whether it has reached the other host, whose line it may still have to pass. */
  received = false
  /** What keeps it back until it is released, or delivered by hand. */
  held: object | null = null

  constructor(sent: number, arrival: number, load: Buffer | (() => void)) {
    this.sent = sent
    this.arrival = arrival
    this.frame = typeof load === 'function' ? null : load
    this.sign = typeof load === 'function' ? load : null
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

/** A frame of which one bit is wrong: by chance, but of the first of a link always its last. */
export function turnBit(frame: Buffer, random: Random, isFirst: boolean): Buffer {
  const changed = Buffer.from(frame)
  // That is the sign of a key of Noise. Whether one with another bit turned is a point at all depends on the key,
  // which no seed decides, so that runs would differ.
  const [at, bit] = isFirst
    ? [changed.byteLength - 1, 7]
    : [random.below(changed.byteLength), random.below(8)]
  changed[at] = changed[at]! ^ (1 << bit)
  return changed
}
