import { abortable } from '@basestore/networker/transport'
import { toHex } from '../bytes.js'
import { type Distribution, draw } from '../distribution.js'
import type { OnEvent } from '../events.js'
import type { Faults } from '../faults/faults.js'
import type { Host } from '../host.js'
import type { Target } from '../links/connections.js'
import { Random } from '../random.js'
import type { Clock } from '../time/clock.js'
import type { Directory } from './directory.js'
import { Fake } from './fake.js'
import type { FullDiscovery } from './options.js'
import type { TopicRecord } from './topic-record.js'

/** The share of `refresh` that chance adds to it. Hyperswarm adds up to two minutes to its ten. */
const JITTER = 0.2

/** The surroundings of discovery. */
export interface DiscoveryContext {
  readonly clock: Clock
  readonly seed: string
  readonly directory: Directory
  readonly faults: Faults
  readonly onevent: OnEvent | undefined
  readonly options: FullDiscovery
}

/** Stands for the DHT: it stores announcements, answers lookups, and has peers dial those they find. */
export class Discovery {
  readonly #context: DiscoveryContext
  readonly #options: FullDiscovery
  readonly #clock: Clock
  readonly #fakes = new Map<string, readonly Target[]>()
  /** The steps that wait for a host that is paused, or that the discovery does not answer. */
  readonly #asleep = new Map<() => void, Host>()

  constructor(context: DiscoveryContext) {
    this.#context = context
    this.#options = context.options
    this.#clock = context.clock
  }

  /** Announces and looks up as the record's mode says, also when it did so before in another mode. */
  join(record: TopicRecord): void {
    record.open()
    this.#context.directory.addTopic(record)
    this.#refresh(record)
  }

  /** Removes the stored record at once, as an unannounce does. A dead peer can no longer send one: its record stays. */
  leave(record: TopicRecord): void {
    record.close()
    if (record.peer.host.isDead && this.#isStored(record)) return
    record.expires = 0
    this.#context.directory.removeTopic(record)
  }

  /**
   * Resolves when the announcement is stored and then each peer that a lookup finds was handed over, refused, or
   * could not be reached. While the discovery does not answer, it waits. Resolves also when the topic is left or the
   * peer is suspended.
   */
  async flush(record: TopicRecord, signal: AbortSignal): Promise<void> {
    const left = record.signal
    try {
      await abortable(abortable(this.#flush(record), left), signal)
    } catch (error) {
      if (!left.aborted || error !== left.reason) throw error
    }
  }

  /** Whether it answers a host. */
  answers(host: Host): boolean {
    return !this.#context.faults.failsDiscovery(host)
  }

  /** Runs the steps that waited for a host that runs again, or is answered again. */
  wake(): void {
    for (const [run, host] of this.#asleep) {
      if (this.#holdsUp(host)) continue
      this.#asleep.delete(run)
      run()
    }
  }

  async #flush(record: TopicRecord): Promise<void> {
    if (!this.answers(record.peer.host)) await new Promise<void>((resolve) => this.#whenAble(record, resolve))
    if (record.announce && !this.#isStored(record)) await record.announced
    if (!record.lookup || record.signal.aborted) return
    const reached = await new Promise<Promise<unknown>[]>((resolve) => {
      this.#lookUp(record, (found) => resolve(record.reach(found)))
    })
    await Promise.all(reached)
  }

  #refresh(record: TopicRecord): void {
    // The lookup comes first: a peer that it dials need not dial us when it hears of us.
    if (record.lookup) this.#lookUp(record, (found) => record.reach(found))
    if (record.announce) record.announced = this.#announce(record)

    const { refresh } = this.#options
    record.again?.cancel()
    if (refresh === Number.POSITIVE_INFINITY) return
    const next = this.#clock.now() + refresh * (1 + JITTER * record.random.unit())
    record.again = this.#clock.at(next, () => this.#whenAble(record, () => this.#refresh(record)))
  }

  #announce(record: TopicRecord): Promise<void> {
    const { announceDelay, refresh, ttl } = this.#options
    return new Promise((resolve) => {
      this.#after(record, announceDelay, () => {
        resolve()
        if (!record.announce) return
        record.expires = refresh === Number.POSITIVE_INFINITY ? refresh : this.#clock.now() + ttl
        this.#report('announce', record)
        record.peer.note({ type: 'announced', topic: record.topic })
        this.#replaceDead(record)
        if (refresh === Number.POSITIVE_INFINITY) this.#tell(record)
      })
    })
  }

  /** Tells the standing lookups of a record. A lookup that begins later finds it by itself. */
  #tell(record: TopicRecord): void {
    const seekers = [...this.#others(record)].filter(({ lookup }) => lookup)
    if (seekers.length === 0) return
    this.#clock.soon(() => {
      for (const seeker of seekers) {
        if (this.#misses(seeker, record)) continue
        this.#whenAble(seeker, () => {
          if (this.#isStored(record)) seeker.reach([record.peer])
        })
      }
    })
  }

  #lookUp(record: TopicRecord, onfound: (found: readonly Target[]) => void): void {
    this.#after(record, this.#options.lookupDelay, () => {
      record.lookups++
      const found = record.random.shuffle(this.#find(record)).slice(0, this.#options.limit)
      this.#report('lookup', record, found.length)
      record.peer.note({ type: 'lookup', topic: record.topic, found: found.length })
      onfound(found)
    })
  }

  #find(seeker: TopicRecord): Target[] {
    const found: Target[] = [...this.#fakesOf(seeker)]
    for (const record of this.#others(seeker)) {
      if (!this.#isStored(record) || this.#misses(seeker, record)) continue
      const { peer } = record
      // A record holds a key only: a dead peer is found too, and the peer that has its key now is dialled.
      found.push(peer.host.isDead ? (this.#context.directory.findPeer(peer.id) ?? peer) : peer)
    }
    return found
  }

  /** The records of other peers under the same topic. Those of dead peers are forgotten once they have expired. */
  *#others(record: TopicRecord): Iterable<TopicRecord> {
    const { directory } = this.#context
    for (const other of directory.others(record)) {
      if (other.peer.host.isDead && !this.#isStored(other)) directory.removeTopic(other)
      else yield other
    }
  }

  #isStored({ expires, peer: { host } }: TopicRecord): boolean {
    const { diedAt = Number.POSITIVE_INFINITY } = host
    return Math.min(expires, diedAt + this.#options.ttl) > this.#clock.now()
  }

  /** Each pair has chances of its own, so that a further peer shifts nobody's. */
  #misses({ peer, lookups }: TopicRecord, record: TopicRecord): boolean {
    const { missed } = this.#options
    if (missed === 0) return false
    const name = `${peer.address}/misses/${record.peer.address}/${lookups}`
    return new Random(`${this.#context.seed}/${name}`).chance(missed)
  }

  /** A DHT node keeps one record for each key: a new one replaces that of a dead peer. */
  #replaceDead(record: TopicRecord): void {
    for (const other of this.#context.directory.others(record)) {
      const { id, host } = other.peer
      if (host.isDead && id === record.peer.id) this.#context.directory.removeTopic(other)
    }
  }

  #fakesOf({ id, topic }: TopicRecord): readonly Target[] {
    if (this.#options.fakes === 0) return []
    const known = this.#fakes.get(id)
    if (known) return known
    const random = new Random(`${this.#context.seed}/fakes/${toHex(topic)}`)
    const fakes = Array.from({ length: this.#options.fakes }, () => new Fake(random))
    this.#fakes.set(id, fakes)
    return fakes
  }

  /** Runs a step after a delay, unless the topic is left before. Without a delay it runs now. */
  #after(record: TopicRecord, delay: Distribution, run: () => void): void {
    const ms = draw(delay, record.random)
    if (ms === 0) {
      this.#whenAble(record, run)
      return
    }
    const timer = this.#clock.at(this.#clock.now() + ms, () => {
      record.timers.delete(timer)
      this.#whenAble(record, run)
    })
    record.timers.add(timer)
  }

  #whenAble(record: TopicRecord, run: () => void): void {
    const { signal } = record
    const { host } = record.peer
    const goOn = () => {
      if (!host.isDead && !signal.aborted) run()
    }
    if (this.#holdsUp(host)) this.#asleep.set(goOn, host)
    else goOn()
  }

  #holdsUp(host: Host): boolean {
    return this.#context.faults.pauses(host) || !this.answers(host)
  }

  #report(type: 'announce' | 'lookup', record: TopicRecord, found = 0): void {
    const { onevent } = this.#context
    if (!onevent) return
    const what = { time: this.#clock.now(), peer: record.peer.host.name, topic: toHex(record.topic, 4) }
    onevent(type === 'lookup' ? { type, ...what, found } : { type, ...what })
  }
}
