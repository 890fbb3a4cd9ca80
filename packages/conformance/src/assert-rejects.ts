import assert from 'node:assert/strict'

/** @param reason the very value that the work has to reject with, an `Error` or not */
export async function assertRejectsWith(reason: unknown, work: Promise<void>): Promise<void> {
  const result = await work.then(
    () => 'it resolved',
    (error: unknown) => error
  )
  assert.equal(result, reason, "it did not reject with the signal's reason, untouched")
}
