import { Column } from './column.js'
import type { PictureData } from './data.js'

/** More cores than any run has. The key of a peer and a core is one number. */
const MOST_CORES = 2 ** 24

/** How many blocks each peer has of each core, at the end of each bucket. Changes within a bucket are one row. */
export class Blocks {
  readonly #limit: number
  readonly #bucket = new Column()
  readonly #peer = new Column()
  readonly #core = new Column()
  readonly #blocks = new Column()
  readonly #length = new Column()
  readonly #latest = new Map<number, number>()
  leftOut = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  add(bucket: number, peer: number, core: number, blocks: number, length: number): void {
    const key = peer * MOST_CORES + core
    const row = this.#latest.get(key)
    if (row !== undefined && this.#bucket.at(row) === bucket) {
      this.#blocks.set(row, blocks)
      this.#length.set(row, length)
      return
    }
    if (this.#bucket.length >= this.#limit) {
      this.leftOut++
      return
    }
    this.#latest.set(key, this.#bucket.length)
    this.#bucket.push(bucket)
    this.#peer.push(peer)
    this.#core.push(core)
    this.#blocks.push(blocks)
    this.#length.push(length)
  }

  finish(): PictureData['blocks'] {
    return {
      bucket: this.#bucket.toUint8(),
      peer: this.#peer.toUint32(),
      core: this.#core.toUint32(),
      blocks: this.#blocks.toUint32(),
      length: this.#length.toUint32()
    }
  }
}
