import type { StreamHooks } from '@basestore/extensions/internal'
import type { StreamInfo } from './contract.js'
import type { NoiseStream } from './noise-stream.js'
import type { TransportSlot } from './transport-slot.js'

/** A stream that a transport handed over. */
export interface Arrival {
  readonly stream: NoiseStream
  readonly info: StreamInfo
  readonly slot: TransportSlot
}

/** The peer, as its link sees it. */
export interface LinkContext {
  /** The remote opened our channel on the link, or rejected it. */
  onchannel(link: Link): void
  /** The remote chose this link. */
  onuse(link: Link, n: number): void
}

/**
 * One admitted stream to a peer. The link itself has the hooks of our channel: an object of closures for each link
 * would cost every peer heap.
 */
export class Link implements StreamHooks {
  readonly stream: NoiseStream
  readonly slot: TransportSlot
  readonly type: string
  readonly remoteAddress: string | null
  /** Whether the remote has opened our channel on this link, or rejected it. */
  channel: 'pending' | 'open' | 'rejected' = 'pending'
  /** True once another link was chosen: this one is read to its end, and carries nothing new. */
  ending = false
  readonly #context: LinkContext

  constructor(context: LinkContext, { stream, info, slot }: Arrival) {
    this.#context = context
    this.stream = stream
    this.slot = slot
    this.type = info.type
    this.remoteAddress = info.remoteAddress ?? null
  }

  onopen(): void {
    this.channel = 'open'
    this.#context.onchannel(this)
  }

  onreject(): void {
    this.channel = 'rejected'
    this.#context.onchannel(this)
  }

  onuse(n: number): void {
    this.#context.onuse(this, n)
  }
}
