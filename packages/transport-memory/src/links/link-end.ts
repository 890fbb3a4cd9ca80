import { Duplex } from 'streamx'
import type { Direction, Done } from './direction.js'
import { linkError } from './link-error.js'
import type { Sink } from './sink.js'

/**
 * One end of a link: a stream of frames. What one `write` takes, one `data` of the other end gives, unless the
 * link's shape cuts or joins frames. It buffers up to streamx's high-water mark of 16 KiB. Past that, and past what
 * the link takes, the writer waits.
 */
export class LinkEnd extends Duplex implements Sink {
  readonly #out: Direction
  readonly #in: Direction
  #remote!: LinkEnd

  private constructor(out: Direction, back: Direction) {
    super({ mapWritable: copy })
    this.#out = out
    this.#in = back
    back.sink = this
  }

  /** Both ends, that of the dialler first. */
  static pair(there: Direction, back: Direction): [LinkEnd, LinkEnd] {
    const [dialler, acceptor] = [new LinkEnd(there, back), new LinkEnd(back, there)]
    dialler.#remote = acceptor
    acceptor.#remote = dialler
    return [dialler, acceptor]
  }

  override _writev(frames: Buffer[], done: Done): void {
    this.#out.write(frames, done)
  }

  override _read(done: Done): void {
    this.#in.makeRoom()
    done(null)
  }

  // Only this direction ends: the other end may still write.
  override _final(done: Done): void {
    const remote = this.#remote
    this.#out.mark(() => remote.#receiveEnd())
    done(null)
  }

  /** The other end closes too. With an error it sees a reset, as over a network, and not the error itself. */
  override destroy(error?: Error | null): void {
    const first = !this.destroying
    super.destroy(error)
    if (!first) return

    const remote = this.#remote
    this.#out.abandon() // a write in hand keeps a stream from closing
    this.#out.mark(() => (error ? remote.breakOff(linkError('ECONNRESET')) : remote.destroy()))
  }

  /** Closes it with an error of the network. */
  breakOff(error: Error): void {
    if (this.destroying) return
    this.on('error', noop) // an error that nobody listens for would end the process
    this.destroy(error)
  }

  receive(frame: Buffer): boolean {
    return this.destroying || this.push(frame)
  }

  #receiveEnd(): void {
    if (!this.destroying) this.push(null)
  }
}

// The writer may use its buffer again, and secret-stream decrypts in place: the two ends must share no memory.
function copy(frame: unknown): Buffer {
  return Buffer.from(frame as Uint8Array)
}

function noop(): void {}
