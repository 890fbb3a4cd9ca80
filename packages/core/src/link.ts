import type { ByeReason, Hello, Presence, StreamHooks, StreamLink } from '@basestore/extensions/internal'
import type { StreamInfo } from './contract.js'
import type { NoiseStream } from './noise-stream.js'
import type { Peer } from './peer.js'
import type { TransportSlot } from './transport-slot.js'

/** A stream that a transport handed over. */
export interface Arrival {
  readonly stream: NoiseStream
  readonly info: StreamInfo
  readonly slot: TransportSlot
}

/** Called with what the remote says on a link. */
export interface LinkContext<P> {
  /** What we say first on the link; null to wait for the remote's hello, and then to answer it. */
  handshakeOf(link: Link<P>): Uint8Array | null
  /** The remote admits us, and says which run of its program it is; null when it says nothing of runs. */
  onhello(link: Link<P>, hello: Hello | null): void
  /** The remote admits us, and does not know our channel. */
  onreject(link: Link<P>): void
  /** The remote chose the link. */
  onuse(link: Link<P>, n: number): void
  onpresence(link: Link<P>, what: Presence): void
  /** The remote refuses us, or is about to end the link. */
  onbye(link: Link<P>, reason: ByeReason): void
}

const NO_TOPICS: readonly Uint8Array[] = []

/**
 * One stream to a peer. The link itself has the hooks of our channel: an object of closures for each link would cost
 * every peer heap.
 *
 * @typeParam P a peer with its links, which this file does not know
 */
export class Link<P> implements StreamHooks {
  readonly stream: NoiseStream
  readonly slot: TransportSlot
  readonly type: string
  readonly remoteAddress: string | null
  /** Whether a third computer passes the bytes on; null where the transport does not know. */
  readonly relayed: boolean | null
  /** The topics under which the remote was found. */
  readonly topics: readonly Uint8Array[]
  /** When it arrived (ms of `performance.now()`). */
  readonly since = performance.now()
  /** Another run of the remote's program takes it over when the remote's hello says so. */
  peer!: P
  /** Our channel on the stream, once it is attached. */
  channel!: StreamLink<Peer>
  /** Whether the remote has opened our channel on this link, or rejected it. Until one of the two it is unheard. */
  state: 'unheard' | 'open' | 'rejected' = 'unheard'
  /** True once the link is being ended: it is read to its end, and carries nothing new. */
  ending = false
  /** Why the remote refused or ended the link, if it said so. */
  reason: ByeReason | null = null
  readonly #context: LinkContext<P>

  constructor(context: LinkContext<P>, { stream, info, slot }: Arrival) {
    this.#context = context
    this.stream = stream
    this.slot = slot
    this.type = info.type
    this.remoteAddress = info.remoteAddress ?? null
    this.relayed = info.relayed ?? null
    this.topics = info.topics ?? NO_TOPICS
  }

  /** Whether the remote admitted us, and neither side ends the link. */
  get isUp(): boolean {
    return this.state !== 'unheard' && !this.ending && this.reason === null && !this.stream.destroying
  }

  handshake(): Uint8Array | null {
    return this.#context.handshakeOf(this)
  }

  onhello(hello: Hello | null): void {
    this.#context.onhello(this, hello)
  }

  onreject(): void {
    this.#context.onreject(this)
  }

  onuse(n: number): void {
    this.#context.onuse(this, n)
  }

  onpresence(what: Presence): void {
    this.#context.onpresence(this, what)
  }

  onbye(reason: ByeReason): void {
    this.#context.onbye(this, reason)
  }
}
