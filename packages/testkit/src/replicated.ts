import { deadline, type WaitOptions } from './deadline.js'
import type { ReplicatedCore } from './store.js'

/**
 * Downloads a core's first blocks, and waits until all of them are here.
 *
 * @param length how many blocks, from the first on
 * @throws Error that tells how many blocks are here and from how many peers, when that takes longer than the
 * timeout. An abort rejects with the signal's reason.
 */
export async function replicated(
  core: ReplicatedCore,
  length: number,
  options: WaitOptions = {}
): Promise<void> {
  const range = core.download({ start: 0, end: length })
  try {
    await deadline(range.done(), options, (timeout) => explain(core, length, `after ${timeout} ms`))
  } finally {
    range.destroy()
  }
  if (!(await core.has(0, length))) throw new Error(await explain(core, length, 'after the download'))
}

async function explain(core: ReplicatedCore, length: number, when: string): Promise<string> {
  const { peers } = core
  const here = await countBlocks(core, length)
  const from = peers.length === 1 ? '1 peer shares' : `${peers.length} peers share`
  return (
    `${here} of ${length} blocks are here ${when}, and ${from} the core. Check that its writer has them, that it ` +
    'is open on both sides under the same key, and that both networkers configure() its discovery key.'
  )
}

async function countBlocks(core: ReplicatedCore, length: number): Promise<number> {
  let count = 0
  for (let index = 0; index < length; index++) if (await core.has(index)) count++
  return count
}
