import type Hypercore from 'hypercore'

export interface DownloadOptions {
  readonly start: number
  /** Exclusive. */
  readonly end: number
  /** How many blocks to have asked for at a time. Bounds memory, and how far a slow disk lags behind. */
  readonly ahead: number
}

/**
 * Yields a core's blocks in order, with a bounded number of them asked for. Closing the core ends it with an
 * error.
 */
export async function* download(
  core: Hypercore,
  { start, end, ahead }: DownloadOptions
): AsyncGenerator<Buffer, void, void> {
  const asked: Promise<Buffer>[] = []
  let next = start
  for (let index = start; index < end; index++) {
    while (next < end && asked.length < ahead) asked.push(ask(core, next++))
    yield await asked.shift()!
  }
}

/** The rejection is seen when its turn comes, which is too late for Node. */
function ask(core: Hypercore, index: number): Promise<Buffer> {
  const block = core.get(index)
  block.catch(() => {})
  return block
}
