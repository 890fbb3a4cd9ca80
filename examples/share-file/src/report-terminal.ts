import { SingleBar } from 'cli-progress'
import type { Happening, Output, Report } from './events.js'
import { Rate } from './rate.js'
import { sentence, servingLine, size } from './report-lines.js'

const PROGRESS = '{doing} {bar} {percentage} % │ {done} of {all} │ {rate}/s │ {left} left'
const SERVING = '{line}'

/** For a terminal: a bar while something is in progress, lines for what stays. */
export class TerminalReport implements Report {
  readonly #output: Output
  #bar: SingleBar | null = null
  #shows = ''
  #rate = new Rate()

  constructor(output: Output) {
    this.#output = output
  }

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
    this.#output.write(`${line}\n`)
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
        stream: this.#output,
        barCompleteChar: '█',
        barIncompleteChar: '░',
        barsize: 28,
        hideCursor: true,
        // After Ctrl+C the command ends the report, which restores the cursor.
        gracefulExit: false
      })
      this.#shows = format
      this.#bar.start(total, value, payload)
    }
    this.#bar.update(value, payload)
  }
}
