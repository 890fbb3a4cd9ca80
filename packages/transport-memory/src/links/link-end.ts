import { Duplex } from 'streamx'
import type { Direction, Sink } from './direction.js'

type Done = (error: Error | null) => void

/**
 * One end of a link: a stream of frames. What one `write` takes, one `data` of the other end gives, unless the
 * link's shape cuts or joins them. It buffers what streamx's high-water mark of 16 KiB lets it; past that, and past
 * what the link takes, the writer waits.
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
    this.#out.sign(() => remote.#receiveEnd())
    done(null)
  }

  /** The other end closes too; with an error, it sees a reset, as over a network, and not the error itself. */
  override destroy(error?: Error | null): void {
    const first = !this.destroying
    super.destroy(error)
    if (!first) return

    const remote = this.#remote
    this.#out.abandon() // a write in hand keeps a stream from closing
    this.#out.sign(() => (error ? remote.breakOff(reset()) : remote.destroy()))
  }

  /** The network breaks it. */
  breakOff(error: Error): void {
    if (this.destroying) return
    this.on('error', noop) // nobody may listen yet
    this.destroy(error)
  }

  receive(frame: Buffer): boolean {
    return this.destroying || this.push(frame)
  }

  #receiveEnd(): void {
    if (!this.destroying) this.push(null)
  }
}

// The writer may use its buffer again, and secret-stream decrypts in place: the ends share no memory.
function copy(frame: unknown): Buffer {
  return Buffer.from(frame as Uint8Array)
}

/** What a network says when it breaks a connection. */
export function reset(code = 'ECONNRESET', message = 'The remote reset the link'): Error {
  return Object.assign(new Error(message), { code })
}

function noop(): void {}
