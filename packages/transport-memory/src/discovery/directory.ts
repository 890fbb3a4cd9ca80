import type { Connections } from '../links/connections.js'
import type { TopicRecord } from './topic-record.js'

/** The peers that are reachable in a network, and the topics that each has joined. It dials nobody. */
export class Directory {
  // Sets keep the order in which peers came, so that nothing depends on chance.
  readonly #peers = new Map<string, Set<Connections>>()
  readonly #topics = new Map<string, Set<TopicRecord>>()

  /** Replaces dead peers with the same key. */
  addPeer(peer: Connections): void {
    for (const other of this.#peers.get(peer.id) ?? []) if (other.host.isDead) this.removePeer(other)
    insert(this.#peers, peer.id, peer)
  }

  removePeer(peer: Connections): void {
    remove(this.#peers, peer.id, peer)
  }

  /** All peers, in the order of their keys' first arrival. */
  *peers(): Iterable<Connections> {
    for (const peers of this.#peers.values()) yield* peers
  }

  /** The peer with this key; the first one when several share it. */
  findPeer(id: string): Connections | undefined {
    return this.#peers.get(id)?.values().next().value
  }

  addTopic(record: TopicRecord): void {
    insert(this.#topics, record.id, record)
  }

  removeTopic(record: TopicRecord): void {
    remove(this.#topics, record.id, record)
  }

  /** The records of other peers under the same topic. */
  *others({ id, peer }: TopicRecord): Iterable<TopicRecord> {
    for (const other of this.#topics.get(id) ?? []) if (other.peer !== peer) yield other
  }
}

function insert<T>(map: Map<string, Set<T>>, id: string, item: T): void {
  const items = map.get(id)
  if (items) items.add(item)
  else map.set(id, new Set([item]))
}

function remove<T>(map: Map<string, Set<T>>, id: string, item: T): void {
  const items = map.get(id)
  if (items?.delete(item) && items.size === 0) map.delete(id)
}
