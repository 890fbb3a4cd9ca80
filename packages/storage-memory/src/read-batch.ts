import { Batch } from './batch.js'
import { type Data, decode, encode } from './bytes.js'
import type { Bytes } from './content.js'
import type { Journal } from './journal.js'

/** Reads some keys at one moment: when it is flushed, or when the session's snapshot was taken. */
export class ReadBatch extends Batch<Bytes, Buffer | null> {
  /** Resolves once the batch has been flushed. @returns null for a key that is not there */
  get(key: Data): Promise<Buffer | null> {
    return this.wait(encode(key))
  }

  protected override execute(keys: readonly Bytes[], journal: Journal): (Buffer | null)[] {
    const { family, snapshot } = this.target
    const content = snapshot?.content ?? journal.written
    return keys.map((key) => {
      const value = content.get(family, key)
      return value === undefined ? null : decode(value)
    })
  }
}
