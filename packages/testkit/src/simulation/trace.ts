import type { NetworkEvent } from '@basestore/transport-memory'

/** An event of a simulation's peers. Times are virtual milliseconds. */
export type PeerEvent =
  | {
      readonly type: 'peer'
      readonly time: number
      readonly peer: string
      readonly what: 'start' | 'crash' | 'restart' | 'pause' | 'resume' | 'leave' | 'close'
    }
  /** How many blocks of a core a peer has, whenever that changes. */
  | {
      readonly type: 'blocks'
      readonly time: number
      readonly peer: string
      /** The first 8 characters of the core's key in hex. */
      readonly core: string
      readonly blocks: number
      readonly length: number
    }
  /** A networker got another one as a peer (`open`), or lost it. */
  | {
      readonly type: 'connection'
      readonly time: number
      readonly peer: string
      readonly remote: string
      readonly open: boolean
    }
  /** A remark of the scenario, of chaos, or of a networker (its `fault` event). */
  | { readonly type: 'note'; readonly time: number; readonly text: string }
  | { readonly type: 'failure'; readonly time: number; readonly message: string }

/**
 * An event of a run. In a trace file it is a line of JSON. A trace holds times and sizes, and never bytes: no seed decides
 * the keys that Noise draws, but they do not change the sizes.
 */
export type TraceEvent = (NetworkEvent | PeerEvent) & {
  /** The number of the planned fault that caused this event, as in the report. */
  readonly chaos?: number
}
