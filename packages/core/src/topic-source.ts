import { NetworkerError } from '@basestore/extensions'
import { type KeyLike, sameKey, toTopic } from './keys.js'
import type { Store } from './store.js'

/** What has a topic of its own: a Hypercore, Hyperbee, Hyperdrive or Autobase. */
export interface TopicSource {
  /** 32 bytes; null until it is ready. */
  readonly discoveryKey: Uint8Array | null
  ready?(): Promise<unknown>
}

/** A topic: its 32 bytes, a string in hex or z32, or what has a `discoveryKey`. */
export type TopicLike = KeyLike | TopicSource

/** The topic of what is ready. @throws NetworkerError `INVALID_TOPIC` */
export function topicOf(what: TopicLike): Buffer {
  return toTopic(isSource(what) ? (what.discoveryKey as Uint8Array) : what)
}

/** Whether a topic is not known before {@link ready} has resolved. */
export function isUnready(what: TopicLike): what is TopicSource {
  return isSource(what) && !what.discoveryKey && typeof what.ready === 'function'
}

/** @throws NetworkerError `INVALID_TOPIC` when the source fails to become ready */
export async function ready(source: TopicSource): Promise<void> {
  try {
    await source.ready!()
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new NetworkerError('INVALID_TOPIC', `there is no discoveryKey, since ready() failed: ${why}`, {
      cause
    })
  }
}

/**
 * Refuses the key of a core that is open in the store. Who has the key can read the core, and a topic is public.
 *
 * @throws NetworkerError `INVALID_TOPIC`
 */
export function refuseCoreKey(topic: Uint8Array, { cores }: Store): void {
  if (typeof cores?.[Symbol.iterator] !== 'function' || cores.get(topic)) return
  for (const core of cores as Iterable<{ readonly key?: Uint8Array | null } | undefined>) {
    const key = core?.key
    // Most keys differ in their first byte. An app may have thousands of cores, and as many topics.
    if (!key || key[0] !== topic[0] || !sameKey(key, topic)) continue
    throw new NetworkerError(
      'INVALID_TOPIC',
      "this is a core's key: as a topic it would let strangers read the core; pass core.discoveryKey, or the core"
    )
  }
}

/** Whether it has a topic of its own. */
export function isSource(what: unknown): what is TopicSource {
  return typeof what === 'object' && what !== null && !(what instanceof Uint8Array) && 'discoveryKey' in what
}
