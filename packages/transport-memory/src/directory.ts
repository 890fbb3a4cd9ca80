import type { TopicMode } from '@basestore/networker/transport'
import type { Connections } from './connections.js'

/** What one peer does for one topic. */
export class TopicRecord {
  readonly peer: Connections
  readonly topic: Uint8Array
  readonly id: string
  announce = false
  lookup = false

  constructor(peer: Connections, topic: Uint8Array, id: string) {
    this.peer = peer
    this.topic = topic
    this.id = id
  }

  set({ announce, lookup }: TopicMode): void {
    this.announce = announce
    this.lookup = lookup
  }

  /** Whether a dial on behalf of this topic still has a point. */
  get wanted(): boolean {
    return this.lookup
  }
}

/** Who is reachable in a network, and under which topics. It dials nobody. */
export class Directory {
  // Sets keep the order in which peers came, so that nothing depends on chance.
  readonly #peers = new Map<string, Set<Connections>>()
  readonly #topics = new Map<string, Set<TopicRecord>>()

  addPeer(peer: Connections): void {
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

  /** What a lookup finds: everyone else who announces the topic. */
  announcers({ id, peer }: TopicRecord): Connections[] {
    const found: Connections[] = []
    for (const other of this.#topics.get(id) ?? []) {
      if (other.announce && other.peer !== peer) found.push(other.peer)
    }
    return found
  }

  /** The standing lookups of everyone else. */
  seekers({ id, peer }: TopicRecord): TopicRecord[] {
    const found: TopicRecord[] = []
    for (const other of this.#topics.get(id) ?? []) if (other.lookup && other.peer !== peer) found.push(other)
    return found
  }
}

/** A key or a topic as the key of a map: a character for each byte, the shortest that compares by content. */
export function idOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
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
