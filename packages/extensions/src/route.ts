import type { Link } from './link.js'

/** All streams of one peer, oldest first, and the one of them that carries what we send. */
export class PeerLinks<P extends object> {
  readonly peer: P
  readonly links: Link<P>[] = []
  preferred: Link<P> | undefined
  /** Called when those who wait for a stream may look again whether they have to. */
  readonly waiting: (() => void)[] = []

  constructor(peer: P) {
    this.peer = peer
  }

  /** Undefined when the peer has rejected our channel on all of its streams. */
  get current(): Link<P> | undefined {
    return this.preferred?.usable ? this.preferred : this.links.find(({ usable }) => usable)
  }

  get queued(): number {
    let bytes = 0
    for (const link of this.links) bytes += link.queued
    return bytes
  }

  /** Whether the peer has announced the name, on any of its streams. */
  has(name: string): boolean {
    return this.links.some((link) => link.has(name))
  }

  settle(): void {
    for (const look of this.waiting.splice(0)) look()
  }
}
