import type { EventEmitter } from 'node:events'
import type { NoiseStream } from './noise-stream.js'
import type { RawStream } from './secure.js'

/** Frame header of secret-stream: the length as an unsigned 24-bit integer, little endian. */
const HEADER_BYTES = 3
/** The longest frame of a handshake is the responder's first, 96 bytes; secret-stream reserves what is claimed. */
const MAX_HANDSHAKE_FRAME = 256
/** XX is three messages: the responder reads two, the initiator one; then each reads one stream header. */
const FRAMES_READ = { initiator: 2, responder: 3 }

/**
 * Stands before secret-stream while the handshake runs: it refuses a stranger's frame by its claimed length
 * before memory is reserved for it, and makes a raw stream that delivers within `write` safe by writing on a
 * microtask, since the handshake cannot be entered again from within itself.
 */
export class HandshakeGuard {
  readonly #raw: RawStream
  readonly #events: EventEmitter
  readonly #framesExpected: number
  #frames = 0
  #header = 0
  #headerBytes = 0
  #missing = 0
  readonly #write: RawStream['write']
  readonly #ownWrite: boolean
  #queue: Uint8Array[] | null = []
  #stream: NoiseStream | null = null

  constructor(raw: RawStream, isInitiator: boolean) {
    this.#raw = raw
    this.#events = raw as unknown as EventEmitter
    this.#write = raw.write
    this.#ownWrite = Object.hasOwn(raw, 'write')
    this.#framesExpected = isInitiator ? FRAMES_READ.initiator : FRAMES_READ.responder
    this.#deferWrites()
    this.#events.on('newListener', this.#onnewlistener)
  }

  /** @param stream the stream that is destroyed when a frame is refused */
  protect(stream: NoiseStream): void {
    this.#stream = stream
  }

  /** The handshake has ended. The reading side stays until the remote's stream header has come. */
  release(): void {
    this.#restoreWrites()
  }

  // Before secret-stream's own listener, so that a refused frame never reaches it; not earlier, since a
  // listener for data sets the raw stream flowing.
  #onnewlistener = (event: string): void => {
    if (event !== 'data') return
    this.#events.removeListener('newListener', this.#onnewlistener)
    this.#events.on('data', this.#ondata)
  }

  #ondata = (data: Uint8Array): void => {
    let offset = 0
    while (offset < data.byteLength) {
      if (this.#missing > 0) {
        const read = Math.min(this.#missing, data.byteLength - offset)
        offset += read
        this.#missing -= read
      } else {
        this.#header += data[offset++]! * 256 ** this.#headerBytes
        if (++this.#headerBytes < HEADER_BYTES) continue
        if (this.#header > MAX_HANDSHAKE_FRAME) {
          this.#refuse(this.#header)
          return
        }
        this.#missing = this.#header
        this.#header = this.#headerBytes = 0
      }
      if (this.#missing === 0 && ++this.#frames === this.#framesExpected) {
        this.#stopReading()
        return
      }
    }
  }

  #refuse(claimed: number): void {
    this.#events.removeAllListeners('data') // a destroyed raw stream still empties its buffer
    this.#stream?.destroy(new Error(`the remote sent a handshake frame of ${claimed} bytes`))
  }

  #stopReading(): void {
    this.#events.removeListener('data', this.#ondata)
  }

  #deferWrites(): void {
    this.#raw.write = (data) => {
      if (this.#queue?.push(data) === 1) queueMicrotask(() => this.#flush())
      return true
    }
  }

  #flush(): void {
    const queue = this.#queue
    if (!queue) return
    for (const data of queue.splice(0)) if (!this.#raw.destroyed) this.#write.call(this.#raw, data)
  }

  #restoreWrites(): void {
    this.#flush()
    this.#queue = null
    if (this.#ownWrite) this.#raw.write = this.#write
    else delete (this.#raw as Partial<RawStream>).write
  }
}
