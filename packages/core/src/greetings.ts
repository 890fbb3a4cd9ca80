import { sameKey } from './keys.js'
import type { PeerLink } from './linked-peer.js'

/**
 * Time for a remote to admit or refuse us (ms). Past it the stream is destroyed. A remote's firewall may take 10 s, and
 * a networker's never takes longer.
 */
const TIMEOUT = 15_000

interface Greeting {
  readonly timer: NodeJS.Timeout
  /** Called when it is over. */
  waiting: (() => void)[] | null
}

/** The links whose remote has said nothing yet. */
export class Greetings {
  readonly #greetings = new Map<PeerLink, Greeting>()

  begin(link: PeerLink): void {
    const timer = setTimeout(() => link.stream.destroy(), TIMEOUT)
    this.#greetings.set(link, { timer, waiting: null })
  }

  /** The remote was heard, or its stream has closed. Returns false when it was heard before. */
  end(link: PeerLink): boolean {
    const greeting = this.#greetings.get(link)
    if (!greeting) return false
    this.#greetings.delete(link)
    clearTimeout(greeting.timer)
    for (const resolve of greeting.waiting ?? []) resolve()
    return true
  }

  /**
   * Settles when the remote of each link that is unheard now was heard; undefined when there is none.
   *
   * @param remotePublicKey to wait for this remote alone
   */
  ended(remotePublicKey?: Uint8Array): Promise<unknown> | undefined {
    const unheard = [...this.#greetings].filter(
      ([{ stream }]) => !remotePublicKey || sameKey(stream.remotePublicKey, remotePublicKey)
    )
    return unheard.length === 0 ? undefined : Promise.all(unheard.map(([, greeting]) => over(greeting)))
  }
}

function over(greeting: Greeting): Promise<void> {
  return new Promise((resolve) => {
    greeting.waiting ??= []
    greeting.waiting.push(resolve)
  })
}
