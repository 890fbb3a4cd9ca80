import type { Ends } from './open-links.js'
import { inSeconds, type WatchedClock } from './watched-clock.js'

/** What there is to look at when a run is over. */
export interface Remains {
  readonly clock: WatchedClock
  /** How many links there are. */
  readonly links: number
  /** Those that are known to be open at both ends. */
  readonly open: ReadonlyMap<number, Ends>
}

/** A report's lines of one kind, at most. */
const SHOWN = 8

/** What a run leaves behind: looked at before it and after. */
export class LeakWatch {
  readonly #handles = countHandles()
  readonly #listeners = countListeners()

  /** A line for each, which people read. */
  find({ clock, links, open }: Remains): string[] {
    const known = [...open].slice(0, links)
    return [
      ...shown(clock.describeWaiting(), 'timers or frames'),
      ...shown(
        known.map(
          ([id, { from, to, since }]) => `link ${id} from ${from} to ${to}, dialled at ${inSeconds(since)}`
        ),
        'links'
      ),
      ...(links > known.length
        ? [`${counted(links - known.length, 'link')} of which one end is closed`]
        : []),
      ...more(this.#handles, countHandles()).map(
        ([kind, count]) => `${counted(count, 'handle')} of the process: ${kind}`
      ),
      ...more(this.#listeners, countListeners()).map(
        ([event, count]) => `${counted(count, 'listener')} of the process: ${event}`
      )
    ]
  }
}

function shown(lines: readonly string[], what: string): readonly string[] {
  if (lines.length <= SHOWN) return lines
  return [...lines.slice(0, SHOWN), `${lines.length - SHOWN} more ${what}`]
}

function more(before: Counts, now: Counts): [string, number][] {
  return [...now]
    .map(([name, count]): [string, number] => [name, count - (before.get(name) ?? 0)])
    .filter(([, count]) => count > 0)
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

type Counts = ReadonlyMap<string, number>

/** Handles of this process by their kind, but for timers, which are not virtual, and what a test runner opens. */
function countHandles(): Counts {
  void [process.stdout, process.stderr] // each opens its handle when it is asked for
  const counts = new Map<string, number>()
  for (const name of process.getActiveResourcesInfo()) {
    if (name === 'Timeout' || name === 'Immediate' || name.includes('Req')) continue
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts
}

function countListeners(): Counts {
  return new Map(process.eventNames().map((event) => [String(event), process.listenerCount(event)]))
}
