import { SingleBar } from 'cli-progress'
import type { Happening, Report } from './events.js'
import { Rate } from './rate.js'
import { sentence, servingLine, size } from './report-lines.js'

const PROGRESS = '{doing} {bar} {percentage} % │ {done} of {all} │ {rate}/s │ {left} left'
const SERVING = '{line}'

/** A bar while something is under way, lines for what stays. */
export class TerminalReport implements Report {
  #bar: SingleBar | null = null
  #shows = ''
  #rate = new Rate()

  tell(happening: Happening): void {
    switch (happening.event) {
      case 'importing':
        this.#progress('Importing', happening.bytes, happening.size)
        return
      case 'fetching':
        this.#progress('Fetching', happening.bytes, happening.size)
        return
      case 'serving':
        this.#show(SERVING, 1, { line: servingLine(happening) }, 0)
        return
      case 'peer':
        if (this.#bar) return
    }
    const line = sentence(happening)
    if (!line) return
    this.end()
    process.stdout.write(`${line}\n`)
  }

  end(): void {
    this.#bar?.stop()
    this.#bar = null
    this.#shows = ''
    this.#rate = new Rate()
  }

  #progress(doing: string, bytes: number, total: number): void {
    this.#rate.add(bytes)
    const payload = {
      doing,
      done: size(bytes),
      all: size(total),
      rate: size(this.#rate.perSecond),
      left: this.#rate.left(total - bytes)
    }
    this.#show(PROGRESS, total, payload, bytes)
    if (bytes === total) this.end()
  }

  #show(format: string, total: number, payload: Record<string, string>, value: number): void {
    if (!this.#bar || this.#shows !== format) {
      this.end()
      this.#bar = new SingleBar({
        format,
        stream: process.stdout,
        barCompleteChar: '█',
        barIncompleteChar: '░',
        barsize: 28,
        hideCursor: true,
        // The one who is interrupted tells the report to end, which restores the cursor.
        gracefulExit: false
      })
      this.#shows = format
      this.#bar.start(total, value, payload)
    }
    this.#bar.update(value, payload)
  }
}
