import type { Link } from './link.js'
import type { MuxStream } from './mux-stream.js'
import type { Registration } from './registration.js'
import type { PeerLinks } from './route.js'

/** A name that is registered here, by one or by several. */
export interface LocalName<P extends object> {
  /** Its number on every channel, so that one frame serves all peers. */
  readonly id: number
  /** Oldest first: that one gets the messages. Replaced, not changed: a handler may destroy what is walked over. */
  registrations: readonly Registration<P>[]
}

/** The names, the peers and their streams. */
export interface Hub<P extends object> {
  readonly maxMessageSize: number
  readonly maxBacklog: number
  readonly names: Map<string, LocalName<P>>
  readonly peers: Map<P, PeerLinks<P>>
  readonly links: Map<MuxStream, Link<P>>
  /** No number is taken twice. */
  nextId: number
  /** Where errors go that nobody else takes. Never throws: callers stand where a throw would end the process. */
  fault(error: unknown): void
}

/** Calls what a user gave us; what it throws, or rejects with, is reported. Costs no promise where there is none. */
export function guard(call: () => unknown, report: (error: unknown) => void): void {
  try {
    const result = call()
    if (isThenable(result)) Promise.resolve(result).catch(report)
  } catch (error) {
    report(error)
  }
}

function isThenable(value: unknown): boolean {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function'
}

export function noop(): void {}
