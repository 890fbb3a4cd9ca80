import { abortable } from '@basestore/networker/transport'
import { noop } from './swarm.js'

/** Waits that end early for other reasons than the caller's. */
export class Flushes<Owner> {
  readonly #running = new Map<() => void, Owner>()
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
    let settle: () => void = noop
    const settled = new Promise<void>((resolve) => {
      settle = resolve
    })
    this.#running.set(settle, owner)
    try {
      await abortable(Promise.race([settled, work(() => over)]), signal)
    } finally {
      over = true
      this.#running.delete(settle)
      this.#onover()
    }
  }

  /** Ends the waits of one owner, or all. */
  settle(owner?: Owner): void {
    for (const [settle, other] of this.#running) if ((owner ?? other) === other) settle()
  }
}
