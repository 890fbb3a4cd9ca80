import type { RunProgress } from './protocol.js'

const CLEAR = '\r\x1b[K'

/** Shows how far a run is, on one line of a terminal. It shows nothing when the stream is no terminal. */
export class Progress {
  readonly isShown: boolean
  readonly #stream: NodeJS.WriteStream
  #line = ''

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream
    this.isShown = stream.isTTY === true
  }

  show({ time, frames, events }: RunProgress): void {
    this.#draw(`${(time / 1000).toFixed(1)} s, ${frames} frames, ${events} events`)
  }

  /** Writes something else above the line. */
  aside(write: () => void): void {
    const line = this.#line
    this.end()
    write()
    if (line) this.#draw(line)
  }

  end(): void {
    if (this.#line) this.#stream.write(CLEAR)
    this.#line = ''
  }

  #draw(line: string): void {
    if (!this.isShown) return
    this.#line = line
    this.#stream.write(`${CLEAR}${line}`)
  }
}
