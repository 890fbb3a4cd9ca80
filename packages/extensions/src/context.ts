import type { NetworkerError } from './errors.js'
import type { MuxStream } from './mux-stream.js'
import type { Route, RouteLink } from './route.js'

/** One registration of a name, as the links use it. */
export interface NameListener<P extends object> {
  /** The peer has the name open now, or no longer. */
  update(peer: P, open: boolean): void
  receive(message: Uint8Array, peer: P): void
  destroy(): void
}

/** A name that is registered here, once or several times. */
export interface LocalName<P extends object> {
  /** Its number, the same on every channel: one frame serves all peers. */
  readonly id: number
  /** Oldest first; the first gets the messages. Replaced, never changed: a handler may destroy one during a loop. */
  registrations: readonly NameListener<P>[]
}

/** The state that all parts of one `Extensions` share: its names, its peers and their streams. */
export interface ExtensionsContext<P extends object> {
  readonly maxMessageSize: number
  readonly maxBacklog: number
  readonly names: Map<string, LocalName<P>>
  readonly routes: Map<P, Route<P>>
  readonly links: Map<MuxStream, RouteLink>
  /** The number of the next name. No number is used twice. */
  nextId: number
  /** Why nothing can be sent any more; undefined until all is destroyed. */
  closed: NetworkerError | undefined
  /** Reports an error that has no `onerror`. It never throws: a throw inside Protomux would end the process. */
  fault(error: unknown): void
}
