/** Those who are compared. */
export const CONTENDERS = ['ours', 'raw', '1.x', 'libp2p', 'bare'] as const

/**
 * `ours` is the networker; `raw` Hyperswarm, Corestore and Protomux as people wire them by hand; `1.x` the networker
 * before this one; `libp2p` libp2p; `bare` the layer below alone, such as a pair of secret streams.
 */
export type Contender = (typeof CONTENDERS)[number]

/** One question: a file in `questions/`. */
export interface Question {
  /** As in `pnpm bench first-block`. */
  readonly name: string
  /** As in `Q1`. */
  readonly id: string
  readonly asks: string
  /** Markdown: what is measured, of whom, and how the result is verified. */
  readonly how: string
  measure(run: Run): Promise<Answer>
}

/** How much is to be done. */
export interface Run {
  /** Whether it is only to be seen that the benchmark works: the least work that shows it, in a few seconds. */
  readonly quick: boolean
  /** Tells whoever waits what is under way. */
  progress(what: string): void
}

/** What a question's measurement brought. */
export interface Answer {
  /** What each contender took, for the table and the chart's bars. */
  readonly series: readonly Series[]
  readonly targets: readonly Target[]
  /** How the cost grows with the work. */
  readonly growth: readonly Growth[]
  /** Markdown paragraphs made of what was measured, such as where the time goes. */
  readonly remarks?: readonly string[]
}

export interface Series {
  readonly contender: Contender
  /** What was measured, as in `time to the first block`. */
  readonly what: string
  readonly unit: string
  /** One for each trial, in their order. */
  readonly samples: readonly number[]
}

/** A figure that is to be reached. */
export interface Target {
  readonly what: string
  readonly value: number
  /** Of the value: its lower and upper quartile. */
  readonly spread?: readonly [number, number]
  /** `×` for a ratio. */
  readonly unit: string
  readonly atMost?: number
  readonly atLeast?: number
}

/** A plot of costs over sizes. */
export interface Growth {
  readonly what: string
  /** The axes with their units, as in `cores` and `seconds`. */
  readonly x: string
  readonly y: string
  /** The scale of both axes. @default 'linear' */
  readonly scale?: 'linear' | 'log'
  readonly points: readonly GrowthPoint[]
}

export interface GrowthPoint {
  readonly contender: Contender
  readonly x: number
  readonly samples: readonly number[]
}
