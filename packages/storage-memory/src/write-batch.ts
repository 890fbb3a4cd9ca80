import { Batch } from './batch.js'
import { type Data, encode } from './bytes.js'
import type { Operation } from './content.js'
import type { Journal } from './journal.js'

/** Applies all its operations at the flush, in their order, or none of them. */
export class WriteBatch extends Batch<Operation, undefined> {
  /** Resolves once the batch has been flushed. */
  put(key: Data, value: Data | null): Promise<void> {
    return this.wait(this.#put(key, value))
  }

  delete(key: Data): Promise<void> {
    return this.wait(this.#delete(key))
  }

  /** Deletes from `start` up to `end`. @param start is deleted too @param end is not deleted */
  deleteRange(start: Data, end: Data): Promise<void> {
    return this.wait(this.#deleteRange(start, end))
  }

  tryPut(key: Data, value: Data | null): void {
    this.enqueue(this.#put(key, value))
  }

  tryDelete(key: Data): void {
    this.enqueue(this.#delete(key))
  }

  tryDeleteRange(start: Data, end: Data): void {
    this.enqueue(this.#deleteRange(start, end))
  }

  protected override execute(operations: readonly Operation[], journal: Journal): undefined[] {
    journal.write(operations)
    return operations.map(() => undefined)
  }

  #put(key: Data, value: Data | null): Operation {
    return { type: 'put', family: this.target.family, key: encode(key), value: encode(value ?? '') }
  }

  #delete(key: Data): Operation {
    return { type: 'delete', family: this.target.family, key: encode(key) }
  }

  #deleteRange(start: Data, end: Data): Operation {
    return { type: 'delete-range', family: this.target.family, start: encode(start), end: encode(end) }
  }
}
