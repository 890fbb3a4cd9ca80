import type { NoiseStream, StreamInfo } from '@basestore/networker/transport'

/** In bytes. Longer frames are no texts. */
const LONGEST_TEXT = 64

/** One end of a connection that was handed over, and all that came of it. */
export class Connection {
  readonly stream: NoiseStream
  readonly info: StreamInfo
  readonly frames: Uint8Array[] = []
  readonly errors: Error[] = []
  /** Among many frames one is looked for after each event. */
  readonly #texts = new Set<string>()
  ended = false
  closes = 0
  drains = 0
  /** The frames that were received together, in bytes. */
  bytes = 0

  /** @param happened called after each event */
  constructor(stream: NoiseStream, info: StreamInfo, happened: () => void) {
    this.stream = stream
    this.info = info
    stream.on('error', (error) => {
      this.errors.push(error)
      happened()
    })
    // In the tick of the hand-over, as the networker does.
    stream.on('data', (frame) => {
      this.frames.push(frame)
      this.bytes += frame.byteLength
      if (frame.byteLength <= LONGEST_TEXT) this.#texts.add(Buffer.from(frame).toString())
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

  get open(): boolean {
    return this.closes === 0 && !this.stream.destroying
  }

  /** The same on both ends, and on no other connection. */
  get id(): string {
    return Buffer.from(this.stream.handshakeHash ?? []).toString('hex')
  }

  get texts(): string[] {
    return this.frames.map((frame) => Buffer.from(frame).toString())
  }

  /** Whether a frame with this text has come. */
  has(text: string): boolean {
    return this.#texts.has(text)
  }

  send(text: string): boolean {
    return this.stream.write(Buffer.from(text))
  }
}
