import assert from 'node:assert/strict'

/** Whatever the reason is, an `Error` or not: the very same. */
export async function assertRejectsWith(reason: unknown, work: Promise<void>): Promise<void> {
  const outcome = await work.then(
    () => 'it resolved',
    (error: unknown) => error
  )
  assert.equal(outcome, reason, "it did not reject with the signal's reason, untouched")
}
