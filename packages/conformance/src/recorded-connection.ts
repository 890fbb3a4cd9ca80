import type { NoiseStream, StreamInfo } from '@basestore/networker/transport'
import { hex } from './bytes.js'

/** Bytes. A longer frame is not kept as a text. */
const LONGEST_TEXT = 64

/** One end of a connection that a transport handed over, and everything that happened to it since. */
export class RecordedConnection {
  readonly stream: NoiseStream
  readonly info: StreamInfo
  /** The data events, in order. */
  readonly frames: Uint8Array[] = []
  readonly errors: Error[] = []
  /** The remote has ended its direction. */
  ended = false
  closes = 0
  drains = 0
  /** The length of all {@link frames} together. */
  bytes = 0
  /** Resolves when the stream has closed, with an error or without. */
  readonly closed: Promise<void>
  /** Finds a text without a walk through all frames: cases ask after each event. */
  readonly #texts = new Set<string>()
  readonly #happened: () => void

  /** @param happened called after each event of the stream */
  constructor(stream: NoiseStream, info: StreamInfo, happened: () => void) {
    this.stream = stream
    this.info = info
    this.#happened = happened
    this.closed = new Promise((resolve) => stream.once('close', resolve))
    // In the tick of the hand-over, as a networker does.
    stream.on('data', (frame) => this.#ondata(frame))
    stream.on('error', (error) => {
      this.errors.push(error)
      happened()
    })
    stream.on('end', () => {
      this.ended = true
      happened()
    })
    stream.on('drain', () => {
      this.drains++
      happened()
    })
    stream.on('close', () => {
      this.closes++
      happened()
    })
  }

  /** The remote's public key, in hex. */
  get key(): string {
    return hex(this.stream.remotePublicKey)
  }

  get open(): boolean {
    return this.closes === 0 && !this.stream.destroying
  }

  /** The same on both ends, and on no other connection. */
  get id(): string {
    return hex(this.stream.handshakeHash ?? new Uint8Array())
  }

  get texts(): string[] {
    return this.frames.map((frame) => Buffer.from(frame).toString())
  }

  /** Whether a frame with this text has come. Finds texts of at most 64 bytes. */
  has(text: string): boolean {
    return this.#texts.has(text)
  }

  send(text: string): boolean {
    return this.stream.write(Buffer.from(text))
  }

  #ondata(frame: Uint8Array): void {
    this.frames.push(frame)
    this.bytes += frame.byteLength
    if (frame.byteLength <= LONGEST_TEXT) this.#texts.add(Buffer.from(frame).toString())
    this.#happened()
  }
}
