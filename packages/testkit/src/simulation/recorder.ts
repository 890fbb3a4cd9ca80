import { createHash } from 'node:crypto'
import { inSeconds } from '../in-seconds.js'
import { textOf } from './event-text.js'
import { type Ends, OpenLinks } from './open-links.js'
import type { TraceEvent } from './trace.js'

/** How many characters of the trace are hashed at a time. */
const CHUNK = 64 * 1024
/** How many events of each peer are kept, for the message of a failure. As many are kept that concern all peers. */
const REMEMBERED = 8
/** The key of the events that concern all peers. No peer has an empty name. */
const ALL = ''
/** How many events pass between two looks at the memory. */
const SAMPLE = 2048

interface Remembered {
  readonly number: number
  readonly event: TraceEvent
  /** The ends of the link that the event is about. */
  readonly ends: Ends | undefined
}

/** Records the events of a run: it hashes and counts them, and keeps the last ones. */
export class Recorder {
  readonly #hash = createHash('sha256')
  readonly #onevent: ((event: TraceEvent) => void) | undefined
  readonly #latest = new Map<string, Remembered[]>()
  readonly #links = new OpenLinks()
  #chunk = ''
  #count = 0
  #chaos: number | undefined
  frames = 0
  lost = 0
  bytes = 0
  peakMemory = process.memoryUsage.rss()

  constructor(onevent: ((event: TraceEvent) => void) | undefined) {
    this.#onevent = onevent
  }

  /** The open links, in the order of their dials. */
  get links(): ReadonlyMap<number, Ends> {
    return this.#links.open
  }

  record = (what: TraceEvent): void => {
    const event = this.#chaos === undefined ? what : { ...what, chaos: this.#chaos }
    this.#count++
    if (event.type === 'frame') {
      this.frames++
      this.bytes += event.size
    } else if (event.type === 'lost') {
      this.lost++
    } else {
      this.#remember(event)
    }
    this.#chunk += `${JSON.stringify(event)}\n`
    if (this.#chunk.length > CHUNK) this.#flush()
    if (this.#count % SAMPLE === 0) this.sampleMemory()
    this.#onevent?.(event)
  }

  /** Records the events that a function causes at once as part of a planned fault. */
  because = <T>(chaos: number, work: () => T): T => {
    const before = this.#chaos
    this.#chaos = chaos
    try {
      return work()
    } finally {
      this.#chaos = before
    }
  }

  sampleMemory(): void {
    this.peakMemory = Math.max(this.peakMemory, process.memoryUsage.rss())
  }

  /** The hash of everything recorded so far, in hex. */
  digest(): string {
    this.#flush()
    return this.#hash.copy().digest('hex')
  }

  /** The last events of some peers, and the last that concern all peers: a line for each. Frames are left out. */
  latest(peers: Iterable<string>): string[] {
    const found = new Set([ALL, ...peers].flatMap((peer) => this.#latest.get(peer) ?? []))
    const ordered = [...found].sort((a, b) => a.number - b.number)
    return ordered.map(({ event, ends }) => `${inSeconds(event.time).padStart(12)}  ${textOf(event, ends)}`)
  }

  #remember(event: TraceEvent): void {
    const ends = this.#links.note(event)
    const remembered = { number: this.#count, event, ends }
    for (const peer of ends ? [ends.from, ends.to] : concerned(event)) {
      const events = this.#latest.get(peer) ?? []
      if (events.push(remembered) > REMEMBERED) events.shift()
      this.#latest.set(peer, events)
    }
  }

  #flush(): void {
    this.#hash.update(this.#chunk)
    this.#chunk = ''
  }
}

function concerned(event: TraceEvent): readonly string[] {
  switch (event.type) {
    case 'connection':
      return [event.peer, event.remote]
    case 'peer':
    case 'blocks':
    case 'announce':
    case 'lookup':
      return [event.peer]
    default:
      return [ALL]
  }
}
