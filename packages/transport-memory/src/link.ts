import { Duplex } from 'streamx'
import type { Clock } from './clock.js'

type Done = (error: Error | null) => void

/** One connection: two ends, each of which reads what the other writes. */
export class Link {
  readonly dialler: LinkEnd
  readonly acceptor: LinkEnd

  constructor(clock: Clock) {
    this.dialler = new LinkEnd(clock)
    this.acceptor = new LinkEnd(clock, this.dialler)
  }
}

/**
 * A stream of frames: what one `write` takes, one `data` of the other end gives. It buffers what streamx's
 * high-water mark of 16 KiB lets it, on each end; past that the writer waits for the reader.
 */
export class LinkEnd extends Duplex {
  readonly #clock: Clock
  #remote: LinkEnd
  /** What the other end's writer waits for while we have no room. */
  #onroom: Done | null = null

  constructor(clock: Clock, remote?: LinkEnd) {
    super({ mapWritable: copy })
    this.#clock = clock
    this.#remote = remote ?? this
    if (remote) remote.#remote = this
  }

  override _writev(frames: Uint8Array[], done: Done): void {
    this.#clock.defer(() => this.#remote.#receive(frames, done))
  }

  override _read(done: Done): void {
    this.#makeRoom()
    done(null)
  }

  // Only this direction ends: the other end may still write.
  override _final(done: Done): void {
    this.#clock.defer(() => this.#remote.#receiveEnd())
    done(null)
  }

  /** The other end closes too; with an error, it sees a reset, as over a network, and not the error itself. */
  override destroy(error?: Error | null): void {
    const first = !this.destroying
    super.destroy(error)
    if (!first) return

    const remote = this.#remote
    remote.#makeRoom() // a write in hand keeps a stream from closing
    this.#clock.defer(() => remote.destroy(error ? reset() : null))
  }

  #receive(frames: Uint8Array[], done: Done): void {
    if (this.destroying) {
      done(null)
      return
    }
    let room = true
    for (const frame of frames) room = this.push(frame)
    if (room) done(null)
    else this.#onroom = done
  }

  #receiveEnd(): void {
    if (!this.destroying) this.push(null)
  }

  #makeRoom(): void {
    const onroom = this.#onroom
    this.#onroom = null
    onroom?.(null)
  }
}

// The writer may use its buffer again, and secret-stream decrypts in place: the ends share no memory.
function copy(frame: unknown): Buffer {
  return Buffer.from(frame as Uint8Array)
}

/** What a network says when it breaks a connection. */
export function reset(): Error {
  return Object.assign(new Error('The remote reset the link'), { code: 'ECONNRESET' })
}
