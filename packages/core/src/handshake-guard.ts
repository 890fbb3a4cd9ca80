import type { EventEmitter } from 'node:events'
import { NetworkerError } from '@basestore/extensions'
import type { NoiseStream } from './noise-stream.js'
import type { RawStream } from './raw-stream.js'

/** Bytes of secret-stream's frame header: the length as an unsigned 24-bit integer, little endian. */
const HEADER_BYTES = 3
/** Bytes. The longest frame of a handshake is the responder's first, 96 bytes. A longer claim is refused. */
const MAX_HANDSHAKE_FRAME = 256
/** Frames read until the stream is open: one of Noise XX's three messages, or two, and then one stream header. */
const FRAMES_READ = { initiator: 2, responder: 3 }

/**
 * Protects secret-stream while the handshake runs, in two ways. It refuses a frame by its claimed length, since
 * secret-stream reserves that much memory for a stranger. And it writes on a microtask: some raw streams deliver
 * within `write`, and secret-stream's handshake cannot be entered again from within itself.
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

  /** @param stream destroyed when a frame is refused */
  protect(stream: NoiseStream): void {
    this.#stream = stream
  }

  /** Call it when the handshake has ended. Frames are still checked until the remote's stream header has come. */
  release(): void {
    this.#restoreWrites()
  }

  // Our listener goes right before secret-stream's own, which then never sees a refused frame. An earlier listener
  // for data would set the raw stream flowing.
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
    const detail = `the remote sent a handshake frame of ${claimed} bytes; check that it speaks Noise`
    this.#stream?.destroy(new NetworkerError('HANDSHAKE_FAILED', detail))
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
