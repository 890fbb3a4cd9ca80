import type { Journal } from './journal.js'
import type { DatabaseState, Snapshot } from './state.js'

/** Where a batch or an iterator reads and writes. */
export interface Target {
  readonly state: DatabaseState
  readonly family: string
  readonly snapshot: Snapshot | null
}

export interface BatchOptions {
  /**
   * Destroys the batch when it has been flushed.
   * @default false
   */
  readonly autoDestroy?: boolean
}

interface Waiter<Result> {
  resolve(result: Result): void
  reject(error: Error): void
}

/** Collects operations until it is flushed, then may be used again until it is destroyed. */
export abstract class Batch<Operation, Result> {
  protected readonly target: Target
  readonly #autoDestroy: boolean
  #operations: Operation[] = []
  #waiters: (Waiter<Result> | null)[] = []
  #state: 'collecting' | 'flushing' | 'destroyed' = 'collecting'

  constructor(target: Target, { autoDestroy = false }: BatchOptions = {}) {
    this.target = target
    this.#autoDestroy = autoDestroy
    target.state.handles.inc()
  }

  /** @throws an Error when the database ends before, or when an operation is not valid: then none is applied */
  async flush(): Promise<void> {
    await this.#begin()
  }

  /** A flush whose outcome only the promises of the operations tell. */
  tryFlush(): void {
    this.#begin().catch(noop)
  }

  /** What was not flushed rejects. */
  destroy(): void {
    if (this.#state === 'flushing') throw new Error('Request in progress')
    if (this.#state === 'destroyed') return
    this.#state = 'destroyed'
    this.target.state.handles.dec()
    if (this.#waiters.length > 0) this.#reject(destroyedError())
  }

  protected abstract execute(operations: readonly Operation[], journal: Journal): readonly Result[]

  /** Nobody waits for it, unless a waiter is given. */
  protected enqueue(operation: Operation, waiter: Waiter<Result> | null = null): void {
    if (this.#state === 'flushing') throw new Error('Request already in progress')
    if (this.#state === 'destroyed') throw destroyedError()
    this.#operations.push(operation)
    this.#waiters.push(waiter)
  }

  protected wait(operation: Operation): Promise<Result> {
    return new Promise((resolve, reject) => this.enqueue(operation, { resolve, reject }))
  }

  /** A mistake of the caller throws at once. */
  #begin(): Promise<void> {
    if (this.#state === 'flushing') throw new Error('Request in progress')
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
    if (results instanceof Error) throw new Error('Batch was not applied', { cause: results })
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

function destroyedError(cause?: unknown): Error {
  return new Error('Batch is destroyed', { cause })
}

function noop(): void {}
