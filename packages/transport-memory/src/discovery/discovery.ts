import { abortable } from '@basestore/networker/transport'
import { type Distribution, draw } from '../distribution.js'
import type { OnEvent } from '../events.js'
import type { Faults } from '../faults/faults.js'
import { Host } from '../host.js'
import type { Target } from '../links/connections.js'
import { Random } from '../random.js'
import type { Clock } from '../time/clock.js'
import { type Directory, idOf } from './directory.js'
import type { FullDiscovery } from './options.js'
import type { TopicRecord } from './topic-record.js'

/** As Hyperswarm: ten minutes, and up to two more. */
const JITTER = 0.2

export interface DiscoveryContext {
  readonly clock: Clock
  readonly seed: string
  readonly directory: Directory
  readonly faults: Faults
  readonly onevent: OnEvent | undefined
  readonly options: FullDiscovery
}

/** What stands for the DHT: it stores announcements, answers lookups, and has the peers dial whom they find. */
export class Discovery {
  readonly #context: DiscoveryContext
  readonly #options: FullDiscovery
  readonly #clock: Clock
  readonly #fakes = new Map<string, readonly Target[]>()
  /** What waits for a host that is paused. */
  readonly #asleep = new Map<() => void, Host>()

  constructor(context: DiscoveryContext) {
    this.#context = context
    this.#options = context.options
    this.#clock = context.clock
  }

  /** Begins what the record's mode says, also when it began before with another one. */
  join(record: TopicRecord): void {
    record.open()
    this.#context.directory.addTopic(record)
    this.#refresh(record)
  }

  /** What is stored of it goes at once, as with an unannounce that arrives; who died can no longer send one. */
  leave(record: TopicRecord): void {
    record.close()
    if (record.peer.machine.isDead && this.#isStored(record)) return
    record.expires = 0
    this.#context.directory.removeTopic(record)
  }

  /**
   * Resolves when the announcement is stored, and then each peer that a lookup finds was handed over, refused, or
   * has failed; or when the topic is left, or the peer suspended.
   */
  async flush(record: TopicRecord, signal: AbortSignal): Promise<void> {
    const left = record.signal
    try {
      await abortable(abortable(this.#flush(record), left), signal)
    } catch (error) {
      if (!left.aborted || error !== left.reason) throw error
    }
  }

  /** What waited for a host that runs again goes on. */
  wake(): void {
    for (const [run, host] of this.#asleep) {
      if (this.#context.faults.pauses(host)) continue
      this.#asleep.delete(run)
      run()
    }
  }

  async #flush(record: TopicRecord): Promise<void> {
    if (record.announce && !this.#isStored(record)) await record.announced
    if (!record.lookup || record.signal.aborted) return
    const reached = await new Promise<Promise<unknown>[]>((resolve) => {
      this.#lookUp(record, (found) => resolve(record.reach(found)))
    })
    await Promise.all(reached)
  }

  #refresh(record: TopicRecord): void {
    // Lookup first: whom it dials need not dial us when they hear of us.
    if (record.lookup) this.#lookUp(record, (found) => record.reach(found))
    if (record.announce) record.announced = this.#announce(record)

    const { refresh } = this.#options
    record.again?.cancel()
    if (refresh === Number.POSITIVE_INFINITY) return
    const next = this.#clock.now() + refresh * (1 + JITTER * record.random.unit())
    record.again = this.#clock.at(next, () => this.#whenAwake(record, () => this.#refresh(record)))
  }

  #announce(record: TopicRecord): Promise<void> {
    const { announceDelay, refresh, ttl } = this.#options
    return new Promise((resolve) => {
      this.#after(record, announceDelay, () => {
        resolve()
        if (!record.announce) return
        record.expires = refresh === Number.POSITIVE_INFINITY ? refresh : this.#clock.now() + ttl
        this.#report('announce', record)
        this.#replaceDead(record)
        if (refresh === Number.POSITIVE_INFINITY) this.#tell(record)
      })
    })
  }

  /** Tells the standing lookups; one that begins later finds us by itself. */
  #tell(record: TopicRecord): void {
    const seekers = [...this.#others(record)].filter(({ lookup }) => lookup)
    if (seekers.length === 0) return
    this.#clock.soon(() => {
      for (const seeker of seekers) {
        if (this.#misses(seeker, record)) continue
        this.#whenAwake(seeker, () => {
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
      onfound(found)
    })
  }

  #find(seeker: TopicRecord): Target[] {
    const found: Target[] = [...this.#fakesOf(seeker)]
    for (const record of this.#others(seeker)) {
      if (!this.#isStored(record) || this.#misses(seeker, record)) continue
      const { peer } = record
      // A record has a key only: who has died is found, and whoever has its key now is dialled.
      found.push(peer.machine.isDead ? (this.#context.directory.findPeer(peer.id) ?? peer) : peer)
    }
    return found
  }

  /** The others in a topic. Who died is forgotten when nobody can find that record any more. */
  *#others(record: TopicRecord): Iterable<TopicRecord> {
    const { directory } = this.#context
    for (const other of directory.others(record)) {
      if (other.peer.machine.isDead && !this.#isStored(other)) directory.removeTopic(other)
      else yield other
    }
  }

  #isStored({ expires, peer: { machine } }: TopicRecord): boolean {
    const { diedAt = Number.POSITIVE_INFINITY } = machine
    return Math.min(expires, diedAt + this.#options.ttl) > this.#clock.now()
  }

  /** Each pair has its chances for itself, so that a further peer shifts nobody's. */
  #misses({ peer, lookups }: TopicRecord, record: TopicRecord): boolean {
    const { missed } = this.#options
    if (missed === 0) return false
    const name = `${peer.address}/misses/${record.peer.address}/${lookups}`
    return new Random(`${this.#context.seed}/${name}`).chance(missed)
  }

  /** A node keeps one record for each key. */
  #replaceDead(record: TopicRecord): void {
    for (const other of this.#context.directory.others(record)) {
      const { id, machine } = other.peer
      if (machine.isDead && id === record.peer.id) this.#context.directory.removeTopic(other)
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

  /** Runs something after a while, unless the topic is left before; now, when it takes no time. */
  #after(record: TopicRecord, delay: Distribution, run: () => void): void {
    const ms = draw(delay, record.random)
    if (ms === 0) {
      this.#whenAwake(record, run)
      return
    }
    const timer = this.#clock.at(this.#clock.now() + ms, () => {
      record.timers.delete(timer)
      this.#whenAwake(record, run)
    })
    record.timers.add(timer)
  }

  #whenAwake(record: TopicRecord, run: () => void): void {
    const { signal } = record
    const { machine } = record.peer
    const goOn = () => {
      if (!machine.isDead && !signal.aborted) run()
    }
    if (this.#context.faults.pauses(machine)) this.#asleep.set(goOn, machine)
    else goOn()
  }

  #report(type: 'announce' | 'lookup', record: TopicRecord, found = 0): void {
    const { onevent } = this.#context
    if (!onevent) return
    const what = { time: this.#clock.now(), peer: record.peer.machine.name, topic: toHex(record.topic, 4) }
    onevent(type === 'lookup' ? { type, ...what, found } : { type, ...what })
  }
}

/** A record of a key that nobody has. */
class Fake implements Target {
  readonly publicKey: Uint8Array
  readonly id: string
  readonly address = 'nobody:0'
  readonly machine = new Host('nobody')

  constructor(random: Random) {
    this.publicKey = Uint8Array.from({ length: 32 }, () => random.below(256))
    this.id = idOf(this.publicKey)
    this.machine.diedAt = 0
  }

  accept(): void {}
}

function toHex(bytes: Uint8Array, length = bytes.length): string {
  return Buffer.from(bytes.subarray(0, length)).toString('hex')
}
