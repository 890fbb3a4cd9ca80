import { StorageError } from './errors.js'
import type { Journal } from './journal.js'
import { noop } from './noop.js'
import type { DatabaseState, Snapshot } from './state.js'

/** The place that a batch or an iterator reads from and writes to. */
export interface TargetContext {
  readonly state: DatabaseState
  readonly family: string
  readonly snapshot: Snapshot | null
}

export interface BatchOptions {
  /**
   * Destroys the batch once it has been flushed.
   * @default false
   */
  readonly autoDestroy?: boolean
}

interface Waiter<Result> {
  resolve(result: Result): void
  reject(error: Error): void
}

/** Collects operations until it is flushed. It may be used again until it is destroyed. */
export abstract class Batch<Operation, Result> {
  protected readonly target: TargetContext
  readonly #autoDestroy: boolean
  #operations: Operation[] = []
  /** One for each operation; null where nobody waits for the operation. */
  #waiters: (Waiter<Result> | null)[] = []
  #state: 'collecting' | 'flushing' | 'destroyed' = 'collecting'

  constructor(target: TargetContext, { autoDestroy = false }: BatchOptions = {}) {
    this.target = target
    this.#autoDestroy = autoDestroy
    target.state.handles.inc()
  }

  /**
   * @throws StorageError `BATCH_DESTROYED` when the storage closes or crashes first. `BATCH_NOT_APPLIED` when an
   * operation is not valid; then no operation is applied.
   */
  async flush(): Promise<void> {
    await this.#begin()
  }

  /** A flush whose result only the promises of the operations tell. */
  tryFlush(): void {
    this.#begin().catch(noop)
  }

  /** Operations that were not flushed reject. */
  destroy(): void {
    if (this.#state === 'flushing') throw busyError('Request in progress')
    if (this.#state === 'destroyed') return
    this.#state = 'destroyed'
    this.target.state.handles.dec()
    if (this.#waiters.length > 0) this.#reject(destroyedError())
  }

  protected abstract execute(operations: readonly Operation[], journal: Journal): readonly Result[]

  protected enqueue(operation: Operation, waiter: Waiter<Result> | null = null): void {
    if (this.#state === 'flushing') throw busyError('Request already in progress')
    if (this.#state === 'destroyed') throw destroyedError()
    this.#operations.push(operation)
    this.#waiters.push(waiter)
  }

  protected wait(operation: Operation): Promise<Result> {
    return new Promise((resolve, reject) => this.enqueue(operation, { resolve, reject }))
  }

  /** Not async: a mistake of the caller throws at once, as in RocksDB's binding. */
  #begin(): Promise<void> {
    if (this.#state === 'flushing') throw busyError('Request in progress')
    if (this.#state === 'destroyed') throw destroyedError()
    this.#state = 'flushing'
    return this.#run(this.#operations)
  }

  async #run(operations: readonly Operation[]): Promise<void> {
    let results: readonly Result[] | Error
    try {
      results = await this.target.state.run((journal) => this.#attempt(operations, journal))
    } catch (cause) {
      this.#state = 'collecting'
      this.destroy()
      throw destroyedError(cause)
    }
    this.#state = 'collecting'
    if (results instanceof Error) this.#reject(results)
    else this.#resolve(results)
    if (this.#autoDestroy) this.destroy()
    if (results instanceof Error) {
      throw new StorageError('BATCH_NOT_APPLIED', 'Batch was not applied', { cause: results })
    }
  }

  #attempt(operations: readonly Operation[], journal: Journal): readonly Result[] | Error {
    try {
      return this.execute(operations, journal)
    } catch (error) {
      return error as Error
    }
  }

  #resolve(results: readonly Result[]): void {
    for (const [i, waiter] of this.#empty().entries()) waiter?.resolve(results[i]!)
  }

  #reject(error: Error): void {
    for (const waiter of this.#empty()) waiter?.reject(error)
  }

  #empty(): readonly (Waiter<Result> | null)[] {
    const waiters = this.#waiters
    this.#waiters = []
    this.#operations = []
    return waiters
  }
}

function destroyedError(cause?: unknown): StorageError {
  return new StorageError('BATCH_DESTROYED', 'Batch is destroyed', { cause })
}

/** RocksDB's binding has two texts for this, by the method that was called. */
function busyError(message: string): StorageError {
  return new StorageError('BATCH_BUSY', message)
}
