import type { Random } from './random.js'

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

/** A frame of which one bit is wrong. */
export function turnBit(frame: Buffer, random: Random): Buffer {
  const changed = Buffer.from(frame)
  const at = random.below(changed.byteLength)
  changed[at] = changed[at]! ^ (1 << random.below(8))
  return changed
}
