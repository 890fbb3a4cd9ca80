import { isNetworkerError, NetworkerError } from '@basestore/extensions'
import type { TopicMode } from './contract.js'
import { toId } from './keys.js'
import { noop } from './noop.js'
import { Topic, type TopicContext } from './topic.js'
import { settledWithin } from './wait.js'

/** Time for a flush, before `configure` resolves without it (ms). A DHT that answers takes a second or two. */
export const FLUSH_TIMEOUT = 15_000

export interface ConfigureOptions {
  /** Let others find us under this topic. @default true */
  readonly announce?: boolean
  /** Look for peers that announce it. @default true */
  readonly lookup?: boolean
  /** Wait until the topic is announced and every peer that was found was tried. @default true */
  readonly flush?: boolean
  /**
   * The longest wait for the flush (ms), also offline. After it `configure` resolves, and the event `fault` says why.
   * The flush goes on, and the event `flushed` tells when it is done.
   * @default 15_000
   */
  readonly timeout?: number
  /** Ends the waiting. The topic stays configured. */
  readonly signal?: AbortSignal
}

/** The networker, as its topics see it. */
export interface TopicsContext extends TopicContext {
  /** Starts the transports. @throws NetworkerError `START_FAILED`, `CLOSED` */
  listen(): Promise<void>
  onfault(error: unknown): void
}

/** How long to wait for a topic. */
interface Waiting {
  readonly flush: boolean
  /** For the flush (ms). */
  readonly timeout: number
  readonly signal: AbortSignal | undefined
}

const ANNOUNCE: TopicMode = Object.freeze({ announce: true, lookup: false })
const LOOKUP: TopicMode = Object.freeze({ announce: false, lookup: true })
const BOTH: TopicMode = Object.freeze({ announce: true, lookup: true })

/** One object for each mode, so that equal modes are identical. Null means to leave. */
export function toMode(announce: boolean, lookup: boolean): TopicMode | null {
  if (announce && lookup) return BOTH
  if (announce) return ANNOUNCE
  return lookup ? LOOKUP : null
}

/** @throws NetworkerError `INVALID_OPTION` */
export function checkTimeout(timeout: number): void {
  if (typeof timeout === 'number' && timeout > 0) return
  throw new NetworkerError('INVALID_OPTION', `timeout must be milliseconds above 0, got ${String(timeout)}`)
}

/** The topics that are configured, or still being left. */
export class Topics {
  readonly #context: TopicsContext
  readonly #topics = new Map<string, Topic>()

  constructor(context: TopicsContext) {
    this.#context = context
  }

  /** The topic while it is configured. */
  get(key: Uint8Array): Topic | undefined {
    const topic = this.#topics.get(toId(key))
    return topic?.mode ? topic : undefined
  }

  /** Every configured topic. */
  all(): (TopicMode & { discoveryKey: Buffer })[] {
    return [...this.#topics.values()].flatMap(({ key, mode }) =>
      mode ? { discoveryKey: Buffer.from(key), ...mode } : []
    )
  }

  /**
   * Sets the mode of a topic at once, and resolves when the topic is joined, flushed or left, or is late. While
   * suspended it resolves without joining; {@link resume} joins.
   *
   * @param mode null to leave
   * @throws NetworkerError `START_FAILED`, after which the topic is forgotten; `CLOSED`; the signal's reason
   */
  async configure(key: Buffer, mode: TopicMode | null, { flush, timeout, signal }: Waiting): Promise<void> {
    const configured = this.#configure(key, mode, flush)
    configured.catch(noop) // after an abort nobody listens to it
    const bound = flush && mode ? timeout : Number.POSITIVE_INFINITY
    if (await settledWithin(configured, bound, signal)) return configured
    const late = this.get(key)?.late(timeout)
    if (late) this.#context.onfault(late)
    configured.catch((error) => {
      if (!isNetworkerError(error, 'CLOSED')) this.#context.onfault(error)
    })
  }

  async #configure(key: Buffer, mode: TopicMode | null, flush: boolean): Promise<void> {
    const topic = this.#set(key, mode)
    if (!topic) return
    try {
      await this.#context.listen()
    } catch (error) {
      await this.#forget(key)
      throw error
    }
    if (topic.mode === null) return this.#leave(topic)
    if (this.#context.suspended) return
    topic.join()
    if (flush) await topic.flush()
  }

  async suspend(): Promise<void> {
    for (const topic of this.#topics.values()) topic.suspend()
    await Promise.all([...this.#topics.values()].map((topic) => topic.sync()))
  }

  resume(): void {
    for (const topic of this.#topics.values()) {
      if (topic.mode) topic.join()
      else this.#leave(topic).catch(noop) // only closing rejects it, and nobody waits for it
    }
  }

  close(error: NetworkerError): void {
    for (const topic of this.#topics.values()) topic.endFlushes(error)
    this.#topics.clear()
  }

  /** Returns undefined when there is nothing to leave. */
  #set(key: Buffer, mode: TopicMode | null): Topic | undefined {
    const id = toId(key)
    let topic = this.#topics.get(id)
    if (!topic && mode === null) return undefined
    if (!topic) {
      topic = new Topic(key, this.#context)
      this.#topics.set(id, topic)
    }
    topic.configure(mode)
    return topic
  }

  /** Has all transports leave a topic whose mode is null, and forgets it. */
  async #leave(topic: Topic): Promise<void> {
    await topic.sync()
    const id = toId(topic.key)
    if (topic.mode === null && !this.#context.suspended && this.#topics.get(id) === topic)
      this.#topics.delete(id)
  }

  async #forget(key: Buffer): Promise<void> {
    const topic = this.#set(key, null)
    if (topic) await this.#leave(topic)
  }
}
