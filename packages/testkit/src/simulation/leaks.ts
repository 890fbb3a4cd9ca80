import { inSeconds } from '../in-seconds.js'
import type { Ends } from './open-links.js'
import type { WatchedClock } from './watched-clock.js'

/** Everything that a run may leave behind. */
export interface Remains {
  readonly clock: WatchedClock
  /** How many links the network has. */
  readonly links: number
  /** The links that are open at both ends. */
  readonly open: ReadonlyMap<number, Ends>
}

/** How many lines of one kind a report shows. */
const SHOWN = 8

/** Finds what a run leaves behind. Make it before the run: it compares handles and listeners with those of that time. */
export class LeakWatch {
  readonly #handles = countHandles()
  readonly #listeners = countListeners()

  /** A line of text for each thing that was left behind. */
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

/** Counts the handles of this process by kind. Real timers are left out: they are the test runner's. */
function countHandles(): Counts {
  void [process.stdout, process.stderr] // reading the property opens the handle
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
