import type { Span } from './outbox.js'

/** One attached stream with our channel on it, as its route and the registrations use it. */
export interface RouteLink {
  /** Whether a message sent here can arrive: the remote has neither rejected nor closed the channel. */
  readonly usable: boolean
  /** Bytes that wait to be sent. */
  readonly queued: number
  /** Whether another user of the stream holds back what is sent. */
  readonly corked: boolean
  readonly backpressured: boolean
  /** Whether the remote has announced the name on this stream. */
  has(name: string): boolean
  /** Sends a message at the end of this tick. @returns false when the caller should wait for {@link Route.waiting} */
  send(message: Span): boolean
  /** Sends a control frame now, behind the messages that were sent before. */
  write(frame: Uint8Array): void
  detach(): void
}

/** All streams of one peer, oldest first, and the stream that carries what we send. */
export class Route<P extends object> {
  readonly peer: P
  readonly links: RouteLink[] = []
  preferred: RouteLink | undefined
  /** Called when a stream may take more, or has gone. */
  readonly waiting: (() => void)[] = []

  constructor(peer: P) {
    this.peer = peer
  }

  /** Undefined when the peer has rejected our channel on all of its streams. */
  get current(): RouteLink | undefined {
    return this.preferred?.usable ? this.preferred : this.links.find(({ usable }) => usable)
  }

  get queued(): number {
    let bytes = 0
    for (const link of this.links) bytes += link.queued
    return bytes
  }

  /** Whether the peer has announced the name on any of its streams. */
  has(name: string): boolean {
    return this.links.some((link) => link.has(name))
  }

  /** Has every caller that waits for a stream look again. */
  wake(): void {
    for (const look of this.waiting.splice(0)) look()
  }
}
