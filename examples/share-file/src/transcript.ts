import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { Happening } from './events.js'

/** A line of `--json` output. `at` is its time, in ms since the epoch. */
export type Told = Happening & { readonly at: number }
type Named<E extends Told['event']> = Told & { readonly event: E }

/** Follows the `--json` output of a share-file command. */
export class Transcript {
  /** All lines so far. */
  readonly told: Told[] = []
  readonly #waiting = new Set<() => void>()
  #ending: string | null = null

  constructor(output: Readable) {
    createInterface({ input: output }).on('line', (line) => {
      this.told.push(JSON.parse(line) as Told)
      this.#wake()
    })
  }

  /**
   * Resolves with the first line of this event that meets the condition, earlier lines included. Rejects when the
   * command ends without one.
   */
  async when<E extends Told['event']>(
    event: E,
    condition: (told: Named<E>) => boolean = () => true
  ): Promise<Named<E>> {
    const fits = (told: Told): told is Named<E> => told.event === event && condition(told as Named<E>)
    for (;;) {
      const found = this.told.find(fits)
      if (found) return found
      if (this.#ending !== null) throw new Error(`ended before '${event}': ${this.#ending}`)
      await new Promise<void>((resolve) => this.#waiting.add(resolve))
    }
  }

  /** The command has ended, and all its output was read. @param stderr for the errors of those that wait */
  end(stderr: string): void {
    this.#ending = stderr.trim() || 'nothing on stderr'
    this.#wake()
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }
}
