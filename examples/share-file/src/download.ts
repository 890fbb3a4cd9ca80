import type Hypercore from 'hypercore'

export interface DownloadOptions {
  readonly start: number
  /** Exclusive. */
  readonly end: number
  /** How many blocks are requested at a time. Bounds the memory that blocks take while the disk is slow. */
  readonly ahead: number
}

/** Yields a core's blocks in order. It throws when the core closes meanwhile. */
export async function* download(
  core: Hypercore,
  { start, end, ahead }: DownloadOptions
): AsyncGenerator<Buffer, void, void> {
  const requested: Promise<Buffer>[] = []
  let next = start
  for (let index = start; index < end; index++) {
    while (next < end && requested.length < ahead) requested.push(request(core, next++))
    yield await requested.shift()!
  }
}

/** The loop above awaits a block when its turn comes. Node would report a rejection before that as unhandled. */
function request(core: Hypercore, index: number): Promise<Buffer> {
  const block = core.get(index)
  block.catch(() => {})
  return block
}
