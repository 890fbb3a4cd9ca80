import Protomux from 'protomux'
import { CHANNEL } from './channel.js'
import type { ExtensionsContext } from './context.js'
import { guard } from './guard.js'
import { guardBatches } from './mux-guard.js'
import type { MuxStream } from './mux-stream.js'
import { enlist, MAX_BATCH, type Sender, type Span } from './outbox.js'
import { CONTROL, DATA, encodeAnnounce } from './wire.js'

/** Bytes that a message counts beside its own, so that a flood of empty messages is limited too. */
const MESSAGE_OVERHEAD = 512
/** Bytes queued on a corked mux above which we signal backpressure. The mux itself signals none while corked. */
const CORKED_MARK = 1024 * 1024

/**
 * Our channel on one stream, and what waits to be sent there. It is the base of a link, since an object of its own
 * for each stream would cost every peer heap.
 */
export abstract class Outlet<P extends object> implements Sender {
  protected readonly stream: MuxStream
  protected readonly context: ExtensionsContext<P>
  protected readonly mux: Protomux
  /** Null when the mux is destroyed already. */
  protected channel: Protomux.Channel | null = null
  /** Whether we have opened {@link channel}. */
  protected opened = false
  /** Bytes written since the stream was last drained. */
  #queued = 0
  /** Messages that wait for the end of the tick. */
  readonly #batch: Span[] = []
  /** Bytes in {@link #batch}. */
  #batched = 0

  constructor(context: ExtensionsContext<P>, stream: MuxStream) {
    this.stream = stream
    this.context = context
    this.mux = Protomux.from(stream)
    guardBatches(this.mux)
  }

  /** Whether a message sent here can arrive: the remote has neither rejected nor closed the channel. */
  get usable(): boolean {
    return this.opened && this.channel?.closed === false && !this.stream.destroying
  }

  get queued(): number {
    if (!this.corked && this.mux.drained) this.#queued = 0
    return this.#queued
  }

  get corked(): boolean {
    return this.mux.corked > 0
  }

  get backpressured(): boolean {
    return this.corked ? this.#queued > CORKED_MARK : !this.mux.drained
  }

  /** Sends a control frame now, behind the messages that were sent before. */
  write(frame: Uint8Array): void {
    this.flush()
    if (this.#count(frame.byteLength)) this.channel!.messages[CONTROL]!.send(frame)
  }

  send(message: Span): boolean {
    const size = this.#count(message.end - message.start)
    if (size > 0) {
      if (this.#batched === 0) enlist(this)
      this.#batched += size
      this.#append(message)
      if (this.#batched > MAX_BATCH) this.flush()
    }
    return !this.backpressured
  }

  flush(): void {
    if (this.#batched === 0) return
    this.#batched = 0
    const spans = this.#batch.splice(0).map(({ buffer, start, end }) => buffer.subarray(start, end))
    const frame = spans.length === 1 ? spans[0]! : Buffer.concat(spans)
    guard(() => this.channel?.messages[DATA]?.send(frame), this.context.fault)
  }

  /**
   * Sends what the mux holds back for a batch. A remote can stop reading behind a batch, but not within one, and the mux
   * batches whatever is sent while it handles a batch of the remote.
   */
  protected endBatch(): void {
    const { corked } = this.mux
    for (let i = 0; i < corked; i++) this.mux.uncork()
    for (let i = 0; i < corked; i++) this.mux.cork()
  }

  protected createChannel(): void {
    this.opened = false
    this.channel = this.mux.createChannel({ ...CHANNEL, userData: this })
  }

  protected openChannel(handshake: Uint8Array): void {
    if (!this.channel) return
    this.opened = true
    this.#queued = this.queued + MESSAGE_OVERHEAD
    this.mux.cork()
    this.channel.open(handshake)
    for (const [name, { id }] of this.context.names) this.write(encodeAnnounce(id, name))
    this.mux.uncork()
  }

  /** Adds to what is queued. @returns how much; 0 when the channel is not open */
  #count(bytes: number): number {
    if (!this.opened || this.channel?.closed !== false) return 0
    const size = bytes + MESSAGE_OVERHEAD
    this.#queued = this.queued + size
    return size
  }

  #append({ buffer, start, end }: Span): void {
    const last = this.#batch.at(-1)
    if (last?.buffer === buffer && last.end === start) last.end = end
    else this.#batch.push({ buffer, start, end })
  }
}
