import type { Happening, Report } from './events.js'
import { Throttle } from './throttle.js'

const PROGRESS_MS = 100

/** One JSON object a line, with the time in milliseconds since the epoch, for programs. */
export class JsonReport implements Report {
  readonly #throttle = new Throttle(PROGRESS_MS)

  tell(happening: Happening): void {
    if (!this.#throttle.admits(happening)) return
    const at = performance.timeOrigin + performance.now()
    process.stdout.write(`${JSON.stringify({ ...happening, at })}\n`)
  }

  end(): void {}
}
