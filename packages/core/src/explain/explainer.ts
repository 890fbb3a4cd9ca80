import type { Admission } from '../admission.js'
import type { KeyPair } from '../contract.js'
import { sameKey, toPublicKey } from '../keys.js'
import type { Lifecycle } from '../lifecycle.js'
import type { LinkedPeer } from '../linked-peer.js'
import type { Peer } from '../peer.js'
import type { Peers } from '../peers.js'
import type { Redials } from '../redials.js'
import type { Topic } from '../topic.js'
import { isSource, isUnready, ready, type TopicLike, topicOf } from '../topic-source.js'
import type { Topics } from '../topics.js'
import type { TransportSlot } from '../transport-slot.js'
import type { PeerConnection, PeerExplanation, TopicCause, TopicExplanation } from './explanation.js'
import type { Finding, PeerRecord } from './history.js'
import type { Observer } from './observer.js'
import type { PeerCause } from './outcome.js'
import { describePeer, describeTopic } from './text.js'

/** The networker, as it is explained. */
interface ExplainerContext {
  readonly keyPair: KeyPair
  readonly lifecycle: Lifecycle
  readonly transports: { readonly slots: readonly TransportSlot[] }
  readonly peers: Peers
  readonly admission: Admission
  readonly redials: Redials
  readonly topics: Topics
  readonly observer: Observer
}

/** Tells why a peer is connected or not, and what became of a topic. */
export class Explainer {
  readonly #context: ExplainerContext

  constructor(context: ExplainerContext) {
    this.#context = context
  }

  /** @throws NetworkerError `INVALID_TOPIC` when it is neither a peer nor 32 bytes */
  async explain(what: TopicLike | Peer): Promise<PeerExplanation | TopicExplanation> {
    if (isPeer(what)) return this.#peer(toPublicKey(what.remotePublicKey))
    if (isUnready(what)) await ready(what)
    const key = topicOf(what)
    const topic = this.#context.topics.get(key)
    return topic || isSource(what) ? this.#topic(key, topic) : this.#peer(key)
  }

  #peer(remotePublicKey: Buffer): PeerExplanation {
    const { peers, observer, redials } = this.#context
    const record = observer.history.get(remotePublicKey)
    const peer = peers.get(remotePublicKey)
    const isUp = peers.connected(remotePublicKey) !== undefined
    return withText(
      {
        type: 'peer',
        remotePublicKey,
        cause: isUp ? 'connected' : this.#causeOf(remotePublicKey, record, peer),
        found: foundOf(record, isUp ? peer : undefined),
        attempts: record?.attempts ?? [],
        failures: record?.failures ?? 0,
        dialling: record?.dialling ?? null,
        next: redials.nextOf(remotePublicKey),
        connection: isUp ? connectionOf(peer!) : null,
        last: record?.last ?? null
      },
      describePeer
    )
  }

  /** Of a peer that is not connected. What stands in the way now comes before what happened. */
  #causeOf(key: Buffer, record: PeerRecord | undefined, peer: LinkedPeer | undefined): PeerCause {
    const { admission, keyPair } = this.#context
    if (sameKey(key, keyPair.publicKey)) return 'own-key'
    const blocked = this.#blocked()
    if (blocked) return blocked
    if (admission.isBanned(key)) return 'our-ban'
    const latest = latestOf(record)
    if (latest) return latest
    if (peer || admission.isPending(key)) return 'deciding'
    if (!admission.hasRoom()) return 'our-max-peers'
    return record ? 'waiting' : 'not-found'
  }

  /** Why nobody can be connected. */
  #blocked(): 'not-started' | 'our-suspend' | 'our-close' | 'offline' | null {
    const { lifecycle, transports } = this.#context
    if (lifecycle.isSuspended) return 'our-suspend'
    if (lifecycle.isIdle) return 'not-started'
    if (!lifecycle.isOpen) return 'our-close'
    return transports.slots.every(({ online }) => online === 'offline') ? 'offline' : null
  }

  #topic(discoveryKey: Buffer, topic: Topic | undefined): TopicExplanation {
    const { observer, peers } = this.#context
    const records = [...observer.history.foundUnder(discoveryKey)]
    const connected = [...peers.set].filter(
      ({ remotePublicKey, topics }) =>
        topics.some((other) => other.equals(discoveryKey)) ||
        records.some(([key]) => key.equals(remotePublicKey))
    )
    const isConnected = (key: Buffer) => connected.some(({ remotePublicKey }) => remotePublicKey.equals(key))
    const keys = connected.map(({ remotePublicKey }) => Buffer.from(remotePublicKey))
    const others = records.filter(([key]) => !isConnected(key))
    const tried = others.filter(([, { attempts, last }]) => attempts.length > 0 || last)
    const transports = this.#context.transports.slots.map(({ name, online, trouble }) => ({
      transport: name,
      online,
      announced: (topic && observer.notesOf(topic)?.get(name)?.announced) ?? null,
      lookup: (topic && observer.notesOf(topic)?.get(name)?.lookup) ?? null,
      trouble: trouble === undefined ? null : trouble instanceof Error ? trouble.message : String(trouble)
    }))
    const facts = {
      type: 'topic' as const,
      discoveryKey,
      mode: topic?.mode ? { ...topic.mode } : null,
      flushed: topic?.flushed ?? false,
      transports,
      found: [...keys, ...others.map(([key]) => key)],
      tried: [...keys, ...tried.map(([key]) => key)],
      connected: keys
    }
    return withText({ ...facts, cause: this.#topicCause(facts) }, describeTopic)
  }

  #topicCause(facts: Pick<TopicExplanation, 'mode' | 'transports' | 'found' | 'connected'>): TopicCause {
    const { mode, transports, found, connected } = facts
    if (!mode) return 'not-configured'
    if (connected.length > 0) return 'connected'
    const blocked = this.#blocked()
    if (blocked) return blocked
    if (found.length > 0) return 'none-connected'
    if (mode.lookup && transports.some(({ lookup }) => lookup)) return 'nobody-found'
    return !mode.lookup && transports.some(({ announced }) => announced) ? 'announced' : 'pending'
  }
}

function latestOf(record: PeerRecord | undefined): PeerCause | null {
  if (!record) return null
  const { attempts, last, dialling } = record
  const attempt = attempts.at(-1)
  if (attempt && attempt.at >= (last?.until ?? 0)) return attempt.outcome
  // We are not suspended now.
  if (last && last.ended !== 'our-suspend') return last.ended
  return dialling === null ? null : 'dialling'
}

function foundOf(record: PeerRecord | undefined, peer: LinkedPeer | undefined): readonly Finding[] {
  const known = record?.found ?? []
  if (!peer) return known
  const { topics, transport, since } = peer
  const others = topics.filter((topic) => !known.some((finding) => finding.topic.equals(topic)))
  return [...known, ...others.map((topic) => ({ topic, transport, at: since }))]
}

function connectionOf({ current, since, direction, bytesRead, bytesWritten }: LinkedPeer): PeerConnection {
  const { slot, type, remoteAddress, relayed } = current
  const where = { transport: slot.name, type, remoteAddress, relayed, direction }
  return { ...where, since, bytesRead, bytesWritten }
}

/** The text is not among the properties that a log or JSON shows. */
function withText<T extends object>(facts: T, describe: (facts: T & { toString(): string }) => string): T {
  return Object.defineProperty(facts, 'toString', { value: () => describe(facts) })
}

function isPeer(what: TopicLike | Peer): what is Peer {
  return typeof what === 'object' && what !== null && 'remotePublicKey' in what
}
