import type { NoiseStream } from '../noise-stream.js'
import type { Observer } from './observer.js'
import { METRICS, type PromClient, register } from './prometheus.js'

/** The part of a networker that is measured as it is now. */
interface StatsContext {
  readonly observer: Observer
  readonly peers: { readonly set: ReadonlySet<unknown>; readonly streams: ReadonlySet<NoiseStream> }
  readonly topics: { all(): readonly unknown[] }
}

/** Numbers by name. The names are bounded, whatever remotes do. */
type Numbers = Readonly<Record<string, number>>

/** Counters of a networker, from its beginning on, and what it has now. Reading them costs nothing in between. */
export class Stats {
  readonly #context: StatsContext

  /** @internal */
  constructor(context: StatsContext) {
    this.#context = context
  }

  /** Peers now. */
  get nrPeers(): number {
    return this.#context.peers.set.size
  }

  /** Open streams now. */
  get nrStreams(): number {
    return this.#context.peers.streams.size
  }

  /** Configured topics now. */
  get nrTopics(): number {
    return this.#context.topics.all().length
  }

  /** Connections that were admitted, by who dialled. */
  get connectionsOpened(): { readonly in: number; readonly out: number } {
    return { ...this.#counters.opened }
  }

  get connectionsClosed(): { readonly in: number; readonly out: number } {
    return { ...this.#counters.closed }
  }

  /** Connections that we refused, by why: `'our-firewall'`, `'our-max-peers'` and so on. */
  get connectionsRefused(): Numbers {
    return { ...this.#counters.refused }
  }

  /** Dials of ours that have ended: `connected`, and by each outcome as in {@link PeerExplanation}. */
  get dials(): Numbers {
    return { connected: this.#counters.dialled, ...this.#counters.dials }
  }

  /** Dials after a pause, to peers that refused us or that `connect` keeps. They are among the dials. */
  get redials(): number {
    return this.#counters.redials
  }

  /** Announcements that were stored, as far as the transports tell. */
  get announces(): number {
    return this.#counters.announces
  }

  /** Lookups that were answered, as far as the transports tell. */
  get lookups(): number {
    return this.#counters.lookups
  }

  /** Topics that were flushed, once for each time. */
  get flushes(): number {
    return this.#counters.flushes
  }

  /** The event `fault`, by the code of its error; `other` for those that are no NetworkerError. */
  get faults(): Numbers {
    return Object.fromEntries(this.#counters.faults)
  }

  /** Encrypted bytes received, over all streams, open and closed. */
  get bytesRead(): number {
    return this.#sum(this.#counters.bytesRead, 'rawBytesRead')
  }

  /** Encrypted bytes sent, over all streams, open and closed. */
  get bytesWritten(): number {
    return this.#sum(this.#counters.bytesWritten, 'rawBytesWritten')
  }

  /**
   * Registers all of it as gauges named `networker_…`, which are read when they are scraped. A registry takes one
   * networker: prom-client throws at a second one.
   *
   * @param promClient the module `prom-client`, or what has its `Gauge`
   */
  registerPrometheusMetrics(promClient: PromClient): void {
    register(promClient, this)
  }

  toJSON(): Readonly<Record<string, number | Numbers>> {
    return Object.fromEntries(METRICS.map(({ key }) => [key, this[key]]))
  }

  /** A line for each number that is not 0. */
  toString(): string {
    const lines = METRICS.flatMap(({ key, name }) => {
      const value: number | Numbers = this[key]
      if (typeof value === 'number') return `  - ${name}: ${value}`
      return Object.entries(value).flatMap(([label, n]) => (n ? `  - ${name} ${label}: ${n}` : []))
    })
    return ['Networker Stats', ...lines].join('\n')
  }

  get #counters() {
    return this.#context.observer.counters
  }

  #sum(closed: number, key: 'rawBytesRead' | 'rawBytesWritten'): number {
    let sum = closed
    for (const stream of this.#context.peers.streams) sum += stream[key]
    return sum
  }
}
