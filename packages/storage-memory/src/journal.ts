import { Content, type Operation, type WriteBatch } from './content.js'

/** Estimate of the bytes that the journal takes for one operation, besides its key and value. */
const OPERATION_BYTES = 64

/**
 * The written content, the durable content, and the batches between the two. It stands for RocksDB's write-ahead log, which
 * the operating system writes to the disk when it likes to.
 */
export class Journal {
  readonly #limit: number
  readonly #pending: WriteBatch[] = []
  #pendingBytes = 0
  #written = new Content()
  /** The same object as `#written` where every write is durable at once. */
  #durable: Content

  /** @param limit bytes that may be written without being durable. Beyond it, the oldest batches become durable */
  constructor(limit: number) {
    this.#limit = limit
    this.#durable = this.#isDurableAtOnce ? this.#written : new Content()
  }

  get written(): Content {
    return this.#written
  }

  get durable(): Content {
    return this.#durable
  }

  /** How many batches are written and not durable. */
  get pending(): number {
    return this.#pending.length
  }

  /** @throws StorageError `INVALID_RANGE` when the batch is not valid; then nothing is written */
  write(batch: WriteBatch): void {
    this.#written.apply(batch)
    if (this.#isDurableAtOnce) return
    this.#pending.push(batch)
    this.#pendingBytes += bytesOf(batch)
    while (this.#pendingBytes > this.#limit) {
      const oldest = this.#pending.shift()!
      this.#pendingBytes -= bytesOf(oldest)
      this.#durable.apply(oldest)
    }
  }

  /** Makes everything durable that is written. */
  sync(): void {
    if (this.#isDurableAtOnce) return
    this.#durable = this.#written.clone()
    this.#forget()
  }

  /** Takes back the last batches that are not durable. @param count more than there are takes back all of them */
  revert(count: number): void {
    if (this.#isDurableAtOnce) return
    const kept = this.#pending.slice(0, Math.max(0, this.#pending.length - count))
    this.#written = this.#durable.clone()
    this.#forget()
    for (const batch of kept) this.write(batch)
  }

  wipe(): void {
    this.#written = new Content()
    this.#durable = this.#isDurableAtOnce ? this.#written : new Content()
    this.#forget()
  }

  get #isDurableAtOnce(): boolean {
    return this.#limit === 0
  }

  #forget(): void {
    this.#pending.length = 0
    this.#pendingBytes = 0
  }
}

function bytesOf(batch: WriteBatch): number {
  let bytes = 0
  for (const operation of batch) bytes += OPERATION_BYTES + lengthOf(operation)
  return bytes
}

function lengthOf(operation: Operation): number {
  if (operation.type === 'put') return operation.key.length + operation.value.length
  if (operation.type === 'delete') return operation.key.length
  return operation.start.length + operation.end.length
}
