/** Rates are means over this time (ms): long enough to be steady, short enough to show that the network changed. */
const WINDOW_MS = 5000

/** Bytes per second over the last five seconds, and the time left at that rate. */
export class Rate {
  readonly #samples: { at: number; bytes: number }[] = []

  /** @param bytes all so far */
  add(bytes: number, at = performance.now()): void {
    this.#samples.push({ at, bytes })
    while (this.#samples.length > 2 && this.#samples[0]!.at < at - WINDOW_MS) this.#samples.shift()
  }

  /** Bytes per second, 0 while unknown. */
  get perSecond(): number {
    const first = this.#samples[0]
    const last = this.#samples.at(-1)
    if (!first || !last || last.at === first.at) return 0
    return ((last.bytes - first.bytes) / (last.at - first.at)) * 1000
  }

  /** In words, such as `1m 20s`. */
  left(remaining: number): string {
    if (remaining <= 0) return '0s'
    return this.perSecond > 0 ? duration((remaining / this.perSecond) * 1000) : '?'
  }
}

/** In words, such as `1m 20s`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  if (seconds < 60) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}m ${seconds % 60}s`
  return `${Math.floor(minutes / 60)}h ${minutes % 60}m`
}
