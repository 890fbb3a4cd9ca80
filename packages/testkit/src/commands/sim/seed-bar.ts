import { Presets, SingleBar } from 'cli-progress'

/** How many lines are written in all where there is no terminal. */
const PARTS = 10

/** Shows how many seeds are done: as a bar in a terminal, otherwise by a line now and then. */
export class SeedBar {
  readonly #seeds: number
  readonly #stream: NodeJS.WriteStream
  readonly #bar: SingleBar | null
  #done = 0

  constructor(seeds: number, stream: NodeJS.WriteStream) {
    const format = '{bar} {value}/{total} seeds, {failed} failed, {eta_formatted} to go'
    this.#seeds = seeds
    this.#stream = stream
    // gracefulExit: the command itself handles signals.
    const options = { format, stream, gracefulExit: false, clearOnComplete: true }
    this.#bar = stream.isTTY ? new SingleBar(options, Presets.shades_classic) : null
    this.#bar?.start(seeds, 0, { failed: 0 })
  }

  done(failed: number): void {
    const before = this.#tenths()
    this.#done++
    if (this.#bar) this.#bar.increment(1, { failed })
    else if (this.#tenths() > before)
      this.note(`${this.#done} of ${this.#seeds} seeds done, ${failed} failed`)
  }

  /** Writes a line of its own. */
  note(text: string): void {
    this.#stream.write(this.#bar ? `\r\x1b[K${text}\n` : `${text}\n`)
  }

  end(): void {
    this.#bar?.stop()
  }

  #tenths(): number {
    return Math.floor((this.#done * PARTS) / this.#seeds)
  }
}
