import type { PictureData } from '../data.js'
import { unpack } from '../pack.js'

/** Loads the data that the page was written with. */
export async function load(): Promise<PictureData> {
  const text = atob(document.getElementById('data')!.textContent!)
  const packed = Uint8Array.from({ length: text.length }, (_, index) => text.charCodeAt(index))
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'))
  return unpack(await new Response(stream).arrayBuffer()) as PictureData
}
