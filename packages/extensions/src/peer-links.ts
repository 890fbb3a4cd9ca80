import { NetworkerError } from './errors.js'
import type { Link } from './link.js'

interface Waiter {
  promise: Promise<void>
  resolve(): void
  reject(error: Error): void
}

/** All streams of one peer, oldest first, and the one of them that carries what we send. */
export class PeerLinks<P extends object> {
  readonly peer: P
  readonly links: Link<P>[] = []
  #preferred: Link<P> | null = null
  #waiter: Waiter | null = null

  constructor(peer: P) {
    this.peer = peer
  }

  /** Null when the peer has rejected our channel on all of its streams. */
  get current(): Link<P> | null {
    if (this.#preferred?.usable) return this.#preferred
    for (const link of this.links) if (link.usable) return link
    return null
  }

  get queued(): number {
    let bytes = 0
    for (const link of this.links) bytes += link.queued
    return bytes
  }

  prefer(link: Link<P>): void {
    this.#preferred = link
    this.settle()
  }

  remove(link: Link<P>): void {
    const index = this.links.indexOf(link)
    if (index !== -1) this.links.splice(index, 1)
    if (this.#preferred === link) this.#preferred = null
    this.settle()
  }

  /** Whether the peer has announced the name, on any of its streams. */
  has(name: string): boolean {
    for (const link of this.links) if (link.has(name)) return true
    return false
  }

  /** Resolves when the stream takes more; one promise for all who wait. */
  drained(): Promise<void> {
    if (!this.current?.backpressured) return Promise.resolve()
    this.#waiter ??= createWaiter()
    return this.#waiter.promise
  }

  /** Looks again whether those who wait still have to. */
  settle(): void {
    const waiter = this.#waiter
    if (!waiter || (this.links.length > 0 && this.current?.backpressured)) return
    this.#waiter = null
    if (this.links.length > 0) waiter.resolve()
    else waiter.reject(peerGone())
  }
}

export function peerGone(): NetworkerError {
  return new NetworkerError(
    'PEER_GONE',
    'none of its streams is attached; send between attach and the close of its last stream'
  )
}

function createWaiter(): Waiter {
  const waiter = {} as Waiter
  waiter.promise = new Promise<void>((resolve, reject) => {
    waiter.resolve = resolve
    waiter.reject = reject
  })
  return waiter
}
