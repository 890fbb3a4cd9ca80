/**
 * Calls a function of the user. An error that it throws, or that its promise rejects with, goes to `report`. A call
 * that returns no promise creates none here.
 */
export function guard(call: () => unknown, report: (error: unknown) => void): void {
  try {
    const result = call() as PromiseLike<unknown> | null | undefined
    if (typeof result?.then === 'function') Promise.resolve(result).catch(report)
  } catch (error) {
    report(error)
  }
}

export function noop(): void {}
