import { abortable } from '@basestore/networker/transport'
import { noop } from './swarm.js'

/** Waits of callers that we can end ourselves, such as the flushes of a topic that is left. */
export class Waits<Key> {
  readonly #running = new Map<() => void, Key>()
  readonly #onend: () => void

  /** @param onend called when a wait ended, to make its work look at `isEnded` and drop its listeners */
  constructor(onend: () => void) {
    this.#onend = onend
  }

  /**
   * Resolves when the work is done, or {@link end} is called with the key.
   *
   * @param work has to end soon once `isEnded` returns true: nobody waits for it any more
   * @throws the signal's reason
   */
  async run(key: Key, signal: AbortSignal, work: (isEnded: () => boolean) => Promise<void>): Promise<void> {
    signal.throwIfAborted()
    let isEnded = false
    let end: () => void = noop
    const ended = new Promise<void>((resolve) => {
      end = resolve
    })
    this.#running.set(end, key)
    try {
      await abortable(Promise.race([ended, work(() => isEnded)]), signal)
    } finally {
      isEnded = true
      this.#running.delete(end)
      this.#onend()
    }
  }

  /** Ends the waits with one key, or all. */
  end(key?: Key): void {
    for (const [end, other] of this.#running) if ((key ?? other) === other) end()
  }
}
