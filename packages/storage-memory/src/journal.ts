import { Content, type Operation, type WriteBatch } from './content.js'

/** What the journal takes in memory for an operation, besides its key and value: an estimate, in bytes. */
const OPERATION_BYTES = 64

/**
 * What is written, what of it is durable, and the batches between the two: RocksDB's write-ahead log, which the
 * operating system writes back when it likes to.
 */
export class Journal {
  readonly #limit: number
  readonly #pending: WriteBatch[] = []
  #pendingBytes = 0
  #durable = new Content()
  #written = new Content()

  /** @param limit bytes that may be written and not durable; beyond it, the oldest batches become durable */
  constructor(limit: number) {
    this.#limit = limit
  }

  get written(): Content {
    return this.#written
  }

  get durable(): Content {
    return this.#durable
  }

  /** Batches that are written and not durable. */
  get pending(): number {
    return this.#pending.length
  }

  /** @throws an Error when the batch is not valid, with nothing written */
  write(batch: WriteBatch): void {
    this.#written.apply(batch)
    this.#pending.push(batch)
    this.#pendingBytes += bytesOf(batch)
    while (this.#pendingBytes > this.#limit) {
      const oldest = this.#pending.shift()!
      this.#pendingBytes -= bytesOf(oldest)
      this.#durable.apply(oldest)
    }
  }

  /** Makes durable all that is written. */
  sync(): void {
    this.#durable = this.#written.clone()
    this.#forget()
  }

  /** Goes back to before the last batches that are not durable: so many of them, or all when they are fewer. */
  revert(count: number): void {
    const kept = this.#pending.slice(0, Math.max(0, this.#pending.length - count))
    this.#written = this.#durable.clone()
    this.#forget()
    for (const batch of kept) this.write(batch)
  }

  wipe(): void {
    this.#durable = new Content()
    this.#written = new Content()
    this.#forget()
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
