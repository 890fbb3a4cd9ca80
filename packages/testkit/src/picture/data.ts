import type { SimulationReport } from '../simulation/report.js'

/** A moment that never came, in columns of ticks. */
export const NEVER = 0xffff_ffff
/** Parts that a run's time is cut into, for what is added up over time. */
export const BUCKETS = 240

/** What a peer is at a moment; a column holds the place in this list. */
export const STATES = ['waiting', 'running', 'paused', 'crashed', 'left'] as const
export type PeerState = (typeof STATES)[number]

/**
 * What a picture shows: a run as columns, in the order of time. A peer, a core, a link or a pair is its place in its
 * list. A pair is two peers that dialled each other, whatever links they had; a lane is one direction of it: twice
 * the pair, plus 1 from b to a. Times in columns are ticks, all others virtual milliseconds.
 */
export interface PictureData {
  readonly report: SimulationReport
  /** When the run ended. */
  readonly end: number
  /** Milliseconds in a tick. */
  readonly tick: number
  readonly peers: readonly string[]
  readonly cores: readonly string[]
  readonly states: { readonly time: Uint32Array; readonly peer: Uint32Array; readonly state: Uint8Array }
  /** Networkers that have each other as peers: one row for each that gets or loses one. */
  readonly connections: { readonly time: Uint32Array; readonly peer: Uint32Array; readonly open: Uint8Array }
  readonly links: {
    readonly from: Uint32Array
    readonly to: Uint32Array
    readonly dialled: Uint32Array
    /** {@link NEVER} when the dial reached nobody. */
    readonly opened: Uint32Array
    readonly closed: Uint32Array
  }
  readonly pairs: {
    readonly a: Uint32Array
    readonly b: Uint32Array
    /** By lane. */
    readonly frames: Uint32Array
    readonly bytes: Float64Array
    /** How many frames never arrived, by pair; those above did. */
    readonly lost: Uint32Array
    /** How many frames are left out of `frames` below, by pair: the earliest. */
    readonly dropped: Uint32Array
  }
  /** Bytes by time, {@link BUCKETS} numbers for each lane of the pairs that have them. */
  readonly traffic: { readonly pair: Uint32Array; readonly bytes: Float64Array }
  readonly activity: { readonly frames: Uint32Array; readonly bytes: Float64Array }
  readonly frames: {
    readonly lane: Uint32Array
    /** When it arrived, or was lost, in ticks after the one before. */
    readonly gap: Uint32Array
    /** How long it was on its way, in ticks. */
    readonly latency: Uint32Array
    /** Bytes. */
    readonly size: Uint32Array
    /** 1 of one that never arrived. */
    readonly lost: Uint8Array
  }
  /** How many blocks of a core a peer had at the end of a bucket, whenever that had changed. */
  readonly blocks: {
    readonly bucket: Uint8Array
    readonly peer: Uint32Array
    readonly core: Uint32Array
    readonly blocks: Uint32Array
    readonly length: Uint32Array
  }
  readonly faults: readonly FaultBar[]
  readonly marks: readonly Mark[]
  readonly leftOut: LeftOut
}

export interface FaultBar {
  /** What `--faults` takes, for those that were planned. */
  readonly id?: number
  readonly kind: string
  readonly who: string
  readonly from: number
  /** The end of the run, when it was not over before. */
  readonly to: number
}

export interface Mark {
  readonly time: number
  readonly kind: 'note' | 'failure' | 'peer'
  readonly text: string
}

/** How much of the trace is not in the picture, each a count. */
export interface LeftOut {
  readonly frames: number
  /** Pairs without bytes by time. */
  readonly traffic: number
  readonly blocks: number
  readonly faults: number
  readonly marks: number
}

/** How much of each a picture holds. */
export interface PictureLimits {
  readonly frames: number
  readonly traffic: number
  readonly blocks: number
  readonly faults: number
  readonly marks: number
}

/** A picture of a long run with 1,000 peers stays below 10 MB by these. */
export const LIMITS: PictureLimits = {
  frames: 400_000,
  traffic: 5_000,
  blocks: 500_000,
  faults: 500,
  marks: 1_000
}
