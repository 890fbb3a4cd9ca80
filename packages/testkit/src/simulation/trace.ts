import type { NetworkEvent } from '@basestore/transport-memory'

/** What the peers of a simulation do, and what becomes of them. Times are virtual milliseconds. */
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
  /** Two networkers have each other as peers, or no more. */
  | {
      readonly type: 'connection'
      readonly time: number
      readonly peer: string
      readonly remote: string
      readonly open: boolean
    }
  /** What the scenario says. */
  | { readonly type: 'note'; readonly time: number; readonly text: string }
  | { readonly type: 'failure'; readonly time: number; readonly message: string }

/**
 * What happened in a run, a line of JSON each in a trace file. It holds times and sizes and never bytes: Noise draws
 * its keys where no seed reaches, but not the lengths of what it sends.
 */
export type TraceEvent = (NetworkEvent | PeerEvent) & {
  /** The number, as a report has it, of the planned fault that this is part of. */
  readonly chaos?: number
}
