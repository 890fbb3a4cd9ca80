import { EventEmitter, once } from 'node:events'
import type { Extension, Networker, Peer } from '@basestore/networker'

/** The name under which both sides register. */
const EXTENSION = 'share-file'
/** How long a fetcher waits for the answer (ms). Short, since the copy is complete without it. */
const ANSWER_MS = 2000

type Message = { readonly type: 'received' | 'thanks'; readonly sha256: string }

/**
 * The sharing side: answers each peer that says it has the whole file.
 *
 * @param ondelivered called once for each such peer
 */
export function acceptReceipts(networker: Networker, sha256: string, ondelivered: () => void): void {
  const from = new Set<string>()
  const extension = networker.registerExtension(EXTENSION, {
    encoding: 'json',
    onmessage(message: unknown, peer: Peer) {
      if (!isMessage(message) || message.type !== 'received' || message.sha256 !== sha256) return
      extension.send({ type: 'thanks', sha256 }, peer)
      const key = peer.remotePublicKey.toString('hex')
      if (from.has(key)) return
      from.add(key)
      ondelivered()
    },
    onerror() {
      // A message that a stranger malformed does not end the serving.
    }
  })
}

/** The fetching side. Make it before peers connect, so that it is open when the file is complete. */
export class Receipt {
  readonly #thanks = new EventEmitter()
  readonly #extension: Extension<Peer, Message>

  constructor(networker: Networker) {
    this.#extension = networker.registerExtension(EXTENSION, {
      encoding: 'json',
      onmessage: (message: unknown) => {
        if (isMessage(message) && message.type === 'thanks') this.#thanks.emit(message.sha256)
      },
      onerror() {}
    })
  }

  /** Tells all peers that the file arrived. Resolves with the time to the first answer (ms), or null for none. */
  async send(sha256: string): Promise<number | null> {
    if (this.#extension.peers.size === 0) return null
    const begun = performance.now()
    const answer = once(this.#thanks, sha256, { signal: AbortSignal.timeout(ANSWER_MS) })
    this.#extension.broadcast({ type: 'received', sha256 })
    return answer.then(
      () => performance.now() - begun,
      () => null
    )
  }
}

function isMessage(value: unknown): value is Message {
  if (typeof value !== 'object' || value === null || !('type' in value) || !('sha256' in value)) return false
  return (value.type === 'received' || value.type === 'thanks') && typeof value.sha256 === 'string'
}
