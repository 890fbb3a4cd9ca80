import { isNetworkerError } from '@basestore/extensions'
import type { ByeReason } from '@basestore/extensions/internal'
import type { TransportNote } from '../contract.js'
import { isBytes } from '../keys.js'
import type { PeerLink } from '../linked-peer.js'
import type { NoiseStream } from '../noise-stream.js'
import type { Peer } from '../peer.js'
import type { Topic } from '../topic.js'
import { Counters } from './counters.js'
import { type Attempt, History } from './history.js'
import { type Ending, type OurRefusal, type Outcome, toDialFailure } from './outcome.js'
import { CHANNELS } from './trace.js'

/** Silence after which a connection that closes counts as half-open (ms). One that is refused closes much sooner. */
const SILENCE = 5_000

/** The keys that each note must have. */
const KEYS: Readonly<Record<TransportNote['type'], readonly ('topic' | 'remotePublicKey')[]>> = {
  announced: ['topic'],
  lookup: ['topic'],
  found: ['topic', 'remotePublicKey'],
  dial: ['remotePublicKey'],
  failed: ['remotePublicKey']
}

/** The most characters that are remembered of an error's message. */
const MAX_DETAIL = 500

/** The networker, as its observer sees it. */
interface ObserverContext {
  readonly publicKey: Uint8Array
  isConnected(remotePublicKey: Uint8Array): boolean
  topic(topic: Uint8Array): Topic | undefined
  /** Why nobody may be admitted now. */
  closed(): ByeReason | null
}

/** What one transport told of one topic. Times are milliseconds since 1970. */
export interface TopicNotes {
  announced: { readonly at: number; readonly nodes: number | null } | null
  lookup: { readonly at: number; readonly found: number } | null
}

/** Why we refuse a stream: a reason for the remote, and whether our firewall or a ban gave it. */
const OUR_REASONS: Readonly<Record<ByeReason, OurRefusal>> = {
  refused: 'our-ban',
  duplicate: 'our-ban',
  full: 'our-max-peers',
  suspended: 'our-suspend',
  closing: 'our-close'
}

/** Hears what happens in a networker: remembers a part of it, counts it, and publishes it for who traces. */
export class Observer {
  readonly history: History
  readonly counters = new Counters()
  readonly #context: ObserverContext
  readonly #topics = new WeakMap<Topic, Map<string, TopicNotes>>()

  constructor(context: ObserverContext) {
    this.#context = context
    this.history = new History(context.isConnected)
  }

  /** What the transports told of a topic, by their names. */
  notesOf(topic: Topic): ReadonlyMap<string, TopicNotes> | undefined {
    return this.#topics.get(topic)
  }

  /** A transport tells of its work. What is malformed, or of a type that we do not know, is ignored. */
  note(transport: string, note: TransportNote): void {
    if (!isWellFormed(note)) return
    if (CHANNELS.note.hasSubscribers) CHANNELS.note.publish({ ...this.#self, transport, note })
    if (note.type === 'found') this.#found(transport, note)
    else if (note.type === 'dial') this.history.sought(note.remotePublicKey).dialling = Date.now()
    else if (note.type === 'failed') this.#failed(transport, note)
    else this.#asked(transport, note)
  }

  /** A stream of an admitted remote is attached. */
  arrived({ stream, slot, type, remoteAddress }: PeerLink): void {
    const direction = directionOf(stream)
    this.counters.opened[direction]++
    this.#dialled(stream)
    if (!CHANNELS.connection.hasSubscribers) return
    CHANNELS.connection.publish({
      ...this.#self,
      stream,
      transport: slot.name,
      type,
      remoteAddress,
      direction
    })
  }

  /** A link has closed. */
  left(link: PeerLink): void {
    const { stream, slot, type, peer } = link
    const direction = directionOf(stream)
    this.counters.closed[direction]++
    this.counters.bytesRead += stream.rawBytesRead
    this.counters.bytesWritten += stream.rawBytesWritten
    const transport = slot.name
    const result = link.state === 'unheard' ? this.#outcomeOf(link) : this.#endingOf(link)
    if (CHANNELS.close.hasSubscribers) {
      CHANNELS.close.publish({ ...this.#self, stream, transport, type, direction, reason: result })
    }
    if (this.#context.isConnected(stream.remotePublicKey)) return // another link carries the peer
    if (link.state === 'unheard') {
      const isOurs = this.#context.closed() || (link.ending && link.reason === null)
      if (!isOurs) this.#attempt(stream, { transport, outcome: result as Outcome })
      return
    }
    const record = this.history.sought(stream.remotePublicKey)
    for (const topic of link.topics) record.find({ topic: Buffer.from(topic), transport, at: peer.since })
    record.last = {
      transport,
      type,
      direction,
      since: peer.since,
      until: Date.now(),
      bytesRead: peer.bytesRead,
      bytesWritten: peer.bytesWritten,
      ended: result as Ending
    }
  }

  /** We refuse a stream. */
  refused(stream: NoiseStream, transport: string, reason: ByeReason | 'firewall'): void {
    const outcome = reason === 'firewall' ? 'our-firewall' : OUR_REASONS[reason]
    this.counters.refused[outcome]++
    if (CHANNELS.refuse.hasSubscribers) {
      CHANNELS.refuse.publish({ ...this.#self, stream, transport, reason: outcome })
    }
    this.#dialled(stream)
    if (!this.#context.isConnected(stream.remotePublicKey)) this.#attempt(stream, { transport, outcome })
  }

  added(peer: Peer): void {
    if (peer.direction === 'out') this.counters.dialled++
    this.history.connected(peer.remotePublicKey)
    if (CHANNELS.peer.hasSubscribers) CHANNELS.peer.publish({ ...this.#self, peer, event: 'add' })
  }

  removed(peer: Peer): void {
    if (CHANNELS.peer.hasSubscribers) CHANNELS.peer.publish({ ...this.#self, peer, event: 'remove' })
  }

  topic(topic: Topic, event: 'joined' | 'flushed'): void {
    if (event === 'flushed') this.counters.flushes++
    if (CHANNELS.topic.hasSubscribers) {
      CHANNELS.topic.publish({ ...this.#self, topic: topic.key, mode: topic.mode, event })
    }
  }

  fault(error: unknown): void {
    this.counters.fault(isNetworkerError(error) ? error.code : 'other')
    if (CHANNELS.fault.hasSubscribers) CHANNELS.fault.publish({ ...this.#self, error })
  }

  /** `connect` of a transport has failed. One that tells notes has told it already. */
  connectFailed(transport: string, remotePublicKey: Uint8Array, since: number, cause: unknown): void {
    const attempts = this.history.get(remotePublicKey)?.attempts ?? []
    if (attempts.some((attempt) => attempt.transport === transport && attempt.at >= since)) return
    if (this.#context.isConnected(remotePublicKey)) return
    this.#failed(transport, { remotePublicKey, outcome: 'failed', cause })
  }

  /** A dial has ended, whatever comes of the stream. */
  #dialled({ remotePublicKey }: NoiseStream): void {
    const record = this.history.get(remotePublicKey)
    if (record) record.dialling = null
  }

  get #self() {
    return { publicKey: this.#context.publicKey }
  }

  #found(transport: string, { topic, remotePublicKey }: TransportNote & { type: 'found' }): void {
    const known = this.#context.topic(topic)
    // A topic that is being left; and the links of a connected peer know its topics.
    if (!known || this.#context.isConnected(remotePublicKey)) return
    this.history.sought(remotePublicKey).find({ topic: known.key, transport, at: Date.now() })
  }

  #failed(
    transport: string,
    { remotePublicKey, outcome, nat, cause }: Omit<TransportNote & { type: 'failed' }, 'type'>
  ): void {
    const failure = toDialFailure(outcome)
    this.counters.dials[failure]++
    const record = this.history.sought(remotePublicKey)
    record.dialling = null
    if (failure === 'aborted') return // it says nothing of the peer
    record.add({
      transport,
      direction: 'out',
      outcome: failure,
      at: Date.now(),
      nat: nat ?? null,
      detail: cause instanceof Error ? cause.message.slice(0, MAX_DETAIL) : null
    })
  }

  #asked(transport: string, note: TransportNote & { type: 'announced' | 'lookup' }): void {
    const announced = note.type === 'announced'
    this.counters[announced ? 'announces' : 'lookups']++
    const topic = this.#context.topic(note.topic)
    if (!topic) return
    const all = this.#topics.get(topic) ?? new Map<string, TopicNotes>()
    this.#topics.set(topic, all)
    const notes = all.get(transport) ?? { announced: null, lookup: null }
    all.set(transport, notes)
    const at = Date.now()
    if (announced) notes.announced = { at, nodes: note.nodes ?? null }
    else notes.lookup = { at, found: note.found }
  }

  #attempt(stream: NoiseStream, { transport, outcome }: Pick<Attempt, 'transport' | 'outcome'>): void {
    const direction = directionOf(stream)
    const { remotePublicKey } = stream
    const record =
      direction === 'out' ? this.history.sought(remotePublicKey) : this.history.stranger(remotePublicKey)
    if (direction === 'out') this.counters.dials[outcome]++
    record.add({ transport, direction, outcome, at: Date.now(), nat: null, detail: null })
  }

  #outcomeOf({ reason, since }: PeerLink): Outcome {
    return reason ?? (performance.now() - since >= SILENCE ? 'half-open' : 'unadmitted')
  }

  #endingOf({ reason, ending }: PeerLink): Ending {
    const closed = this.#context.closed()
    if (closed) return closed === 'suspended' ? 'our-suspend' : 'our-close'
    return reason ?? (ending ? 'our-disconnect' : 'lost')
  }
}

function directionOf({ isInitiator }: NoiseStream): 'in' | 'out' {
  return isInitiator ? 'out' : 'in'
}

function isWellFormed(note: TransportNote | null | undefined): note is TransportNote {
  const type = note?.type
  if (typeof type !== 'string' || !Object.hasOwn(KEYS, type)) return false
  const keys = note as { readonly [K in 'topic' | 'remotePublicKey']?: unknown }
  return KEYS[type].every((key) => isBytes(keys[key], 32))
}
