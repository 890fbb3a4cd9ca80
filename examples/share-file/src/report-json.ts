import { type Happening, type Output, type Report, timestamp } from './events.js'
import { Throttle } from './throttle.js'

/** Progress is told at most this often (ms). */
const PROGRESS_MS = 100

/** For programs: one JSON object a line. `at` is the time in ms since the epoch. */
export class JsonReport implements Report {
  readonly #throttle: Throttle

  constructor(output: Output) {
    this.#throttle = new Throttle(PROGRESS_MS, (happening) => {
      output.write(`${JSON.stringify({ ...happening, at: timestamp() })}\n`)
    })
  }

  tell(happening: Happening): void {
    this.#throttle.tell(happening)
  }

  end(): void {}
}
