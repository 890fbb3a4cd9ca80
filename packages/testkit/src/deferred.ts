/** A promise, and the functions that decide it. */
export interface Deferred<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
  reject(error: unknown): void
}

export function deferred<T = void>(): Deferred<T> {
  let [resolve, reject] = [(_value: T): void => {}, (_error: unknown): void => {}]
  const promise = new Promise<T>((onresolve, onreject) => {
    resolve = onresolve
    reject = onreject
  })
  return { promise, resolve, reject }
}
