import { writeFile } from 'node:fs/promises'
import type { SimulationReport } from '../simulation/report.js'
import type { TraceEvent } from '../simulation/trace.js'
import { Collector } from './collector.js'
import { render } from './render.js'

export interface PictureSource {
  /** Its `virtualTime`, in milliseconds, is where the time axes end. */
  readonly report: SimulationReport
  /** The trace, in the order of its times: an array, or what reads a file line by line. */
  readonly events: Iterable<TraceEvent> | AsyncIterable<TraceEvent>
}

/**
 * A run as one HTML page with all that it needs: peers and links at any moment, faults, blocks, frames and bytes. The
 * trace is read once and not held; of more than 400,000 frames the page shows the last of each link one by one, and
 * counts all.
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
