import { writeFile } from 'node:fs/promises'
import type { SimulationReport } from '../simulation/report.js'
import type { TraceEvent } from '../simulation/trace.js'
import { Collector } from './collector.js'
import { render } from './render.js'

export interface PictureSource {
  /** Its `virtualTime` (ms) is the end of the time axes. */
  readonly report: SimulationReport
  /** The trace, in the order of its times. May be an array, or a generator that reads a file line by line. */
  readonly events: Iterable<TraceEvent> | AsyncIterable<TraceEvent>
}

/**
 * Draws a run as one self-contained HTML page: peers and links at any moment, faults, blocks, frames and bytes. The trace
 * is read once and not kept in memory. The page counts all frames. When there are more than 400,000, it shows the last
 * ones of each pair.
 */
export async function renderPicture({ report, events }: PictureSource): Promise<string> {
  const collector = new Collector(report)
  for await (const event of events) collector.add(event)
  return render(collector.finish())
}

/**
 * Writes {@link renderPicture}'s page into a file.
 *
 * @throws what `fs.writeFile` throws
 */
export async function writePicture(path: string, source: PictureSource): Promise<void> {
  await writeFile(path, await renderPicture(source))
}
