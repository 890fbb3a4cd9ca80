import type { SimulationReport } from '../simulation/report.js'

/** In columns of ticks, a moment that never came. */
export const NEVER = 0xffff_ffff
/** How many parts a run's time is cut into, for sums over time. */
export const BUCKETS = 240

/** The states of a peer. A column holds the index in this list. */
export const STATES = ['waiting', 'running', 'paused', 'crashed', 'left'] as const
export type PeerState = (typeof STATES)[number]

/**
 * The content of a picture: a run as columns, in the order of time. Peers, cores, links and pairs are numbered by their
 * index. A pair is two peers of which one dialled the other, with all links that they ever had. A lane is one direction
 * of a pair: its number is twice the pair's, plus 1 for the direction from b to a. Times in columns are ticks, all other
 * times are virtual milliseconds.
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
  /** A row for each time that a networker got or lost a peer. */
  readonly connections: { readonly time: Uint32Array; readonly peer: Uint32Array; readonly open: Uint8Array }
  readonly links: {
    readonly from: Uint32Array
    readonly to: Uint32Array
    readonly dialled: Uint32Array
    /** {@link NEVER} when nobody accepted the dial. */
    readonly opened: Uint32Array
    readonly closed: Uint32Array
  }
  readonly pairs: {
    readonly a: Uint32Array
    readonly b: Uint32Array
    /** By lane. */
    readonly frames: Uint32Array
    readonly bytes: Float64Array
    /** How many frames never arrived, by pair. `frames` and `bytes` count those that did. */
    readonly lost: Uint32Array
    /** How many frames are left out of `frames` below, by pair. These are the earliest. */
    readonly dropped: Uint32Array
  }
  /** Bytes by time: {@link BUCKETS} numbers for each lane of these pairs. */
  readonly traffic: { readonly pair: Uint32Array; readonly bytes: Float64Array }
  readonly activity: { readonly frames: Uint32Array; readonly bytes: Float64Array }
  readonly frames: {
    readonly lane: Uint32Array
    /** When it arrived or was lost, in ticks since the frame before it. */
    readonly gap: Uint32Array
    /** How long it was under way, in ticks. */
    readonly latency: Uint32Array
    /** Bytes. */
    readonly size: Uint32Array
    /** 1 for a frame that never arrived. */
    readonly lost: Uint8Array
  }
  /** How many blocks of a core a peer had at the end of a bucket. A row for each bucket in which that changed. */
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
  /** The number of a planned fault, as `--faults` takes it. */
  readonly id?: number
  readonly kind: string
  readonly who: string
  readonly from: number
  /** The end of the run, for a fault that was not over before. */
  readonly to: number
}

export interface Mark {
  readonly time: number
  readonly kind: 'note' | 'failure' | 'peer'
  readonly text: string
}

/** How many items of each kind are left out of the picture. */
export interface LeftOut {
  readonly frames: number
  /** Pairs that have no bytes by time in the picture. */
  readonly traffic: number
  readonly blocks: number
  readonly faults: number
  readonly marks: number
}

/** The most items of each kind that a picture holds. */
export interface PictureLimits {
  readonly frames: number
  readonly traffic: number
  readonly blocks: number
  readonly faults: number
  readonly marks: number
}

/** With these limits, the picture of a long run with 1,000 peers has less than 10 MB. */
export const LIMITS: PictureLimits = {
  frames: 400_000,
  traffic: 5_000,
  blocks: 500_000,
  faults: 500,
  marks: 1_000
}
