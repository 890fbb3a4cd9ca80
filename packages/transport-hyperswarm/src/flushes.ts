import { noop } from './swarm.js'

/** Waits that end early for other reasons than the caller's. */
export class Flushes<Owner> {
  readonly #running = new Map<Flush, Owner>()
  readonly #onover: () => void

  /** @param onover makes work that is over end, and forget its listeners */
  constructor(onover: () => void) {
    this.#onover = onover
  }

  /**
   * Does the work until it is done, or {@link settle} ends it. `over` tells the work that nobody waits any more.
   *
   * @throws the signal's reason
   */
  async run(owner: Owner, signal: AbortSignal, work: (over: () => boolean) => Promise<void>): Promise<void> {
    signal.throwIfAborted()
    let over = false
    let onabort = noop
    const flush: Flush = { settle: noop }
    try {
      await new Promise<void>((resolve, reject) => {
        onabort = () => reject(signal.reason)
        signal.addEventListener('abort', onabort)
        flush.settle = resolve
        this.#running.set(flush, owner)
        work(() => over).then(resolve, reject)
      })
    } finally {
      over = true
      this.#running.delete(flush)
      signal.removeEventListener('abort', onabort)
      this.#onover()
    }
  }

  /** Ends the waits of one owner, or all. */
  settle(owner?: Owner): void {
    for (const [flush, other] of this.#running) if (owner === undefined || other === owner) flush.settle()
  }
}

interface Flush {
  settle: () => void
}
