import type { TopicMode } from './contract.js'
import type { NetworkerError } from './errors.js'
import { toId } from './keys.js'
import { Topic, type TopicHost } from './topic.js'

export interface ConfigureOptions {
  /** Let others find us under this topic. @default true */
  readonly announce?: boolean
  /** Look for those who announce it. @default true */
  readonly lookup?: boolean
  /** Wait until the topic is announced and every peer that was found was tried. @default true */
  readonly flush?: boolean
  /** Ends the waiting. The topic stays configured. */
  readonly signal?: AbortSignal
}

/** The configuration of a topic. */
export interface TopicStatus {
  readonly announce: boolean
  readonly lookup: boolean
}

const ANNOUNCE: TopicMode = Object.freeze({ announce: true, lookup: false })
const LOOKUP: TopicMode = Object.freeze({ announce: false, lookup: true })
const BOTH: TopicMode = Object.freeze({ announce: true, lookup: true })

/** One object for each mode, so that equal modes are identical. Null is to leave. */
export function toMode(announce: boolean, lookup: boolean): TopicMode | null {
  if (announce && lookup) return BOTH
  if (announce) return ANNOUNCE
  return lookup ? LOOKUP : null
}

/** The topics that are configured, or still being left. */
export class Topics {
  readonly #host: TopicHost
  readonly #topics = new Map<string, Topic>()

  constructor(host: TopicHost) {
    this.#host = host
  }

  /** The topic while it is configured. */
  get(key: Uint8Array): Topic | undefined {
    const topic = this.#topics.get(toId(key))
    return topic?.mode ? topic : undefined
  }

  *[Symbol.iterator](): IterableIterator<Topic> {
    for (const topic of this.#topics.values()) if (topic.mode) yield topic
  }

  /** Returns undefined when there is nothing to leave. */
  configure(key: Buffer, mode: TopicMode | null): Topic | undefined {
    let topic = this.#topics.get(toId(key))
    if (!topic && mode === null) return undefined
    if (!topic) {
      topic = new Topic(key, this.#host)
      this.#topics.set(toId(key), topic)
    }
    topic.configure(mode)
    return topic
  }

  /** Brings the transports to the topic's mode, and forgets a topic that all have left. */
  async leave(topic: Topic): Promise<void> {
    await topic.sync()
    const id = toId(topic.key)
    if (topic.mode === null && !this.#host.suspended && this.#topics.get(id) === topic)
      this.#topics.delete(id)
  }

  async suspend(): Promise<void> {
    for (const topic of this.#topics.values()) topic.suspend()
    await Promise.all([...this.#topics.values()].map((topic) => topic.sync()))
  }

  resume(): void {
    for (const topic of this.#topics.values()) {
      const resumed = topic.mode ? topic.flush() : this.leave(topic)
      resumed.catch(noop) // only closing rejects, and nobody waits for this
    }
  }

  close(error: NetworkerError): void {
    for (const topic of this.#topics.values()) topic.settle(error)
    this.#topics.clear()
  }
}

function noop(): void {}
