import type { Connections } from '../links/connections.js'
import type { TopicRecord } from './topic-record.js'

/** Who is reachable in a network, and who joined which topics. It dials nobody. */
export class Directory {
  // Sets keep the order in which peers came, so that nothing depends on chance.
  readonly #peers = new Map<string, Set<Connections>>()
  readonly #topics = new Map<string, Set<TopicRecord>>()

  /** One that died is no longer found under its key when its successor comes. */
  addPeer(peer: Connections): void {
    for (const other of this.#peers.get(peer.id) ?? []) if (other.machine.isDead) this.removePeer(other)
    insert(this.#peers, peer.id, peer)
  }

  removePeer(peer: Connections): void {
    remove(this.#peers, peer.id, peer)
  }

  /** The peer with this key; of several that share one, the first. */
  findPeer(id: string): Connections | undefined {
    return this.#peers.get(id)?.values().next().value
  }

  addTopic(record: TopicRecord): void {
    insert(this.#topics, record.id, record)
  }

  removeTopic(record: TopicRecord): void {
    remove(this.#topics, record.id, record)
  }

  /** The others in a topic. */
  *others({ id, peer }: TopicRecord): Iterable<TopicRecord> {
    for (const other of this.#topics.get(id) ?? []) if (other.peer !== peer) yield other
  }
}

/** A key or a topic as the key of a map: a character for each byte, the shortest that compares by content. */
export function idOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
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
