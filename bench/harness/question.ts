/** All contenders, in the order of a chart's legend. */
export const CONTENDERS = ['ours', 'raw', '1.x', 'libp2p', 'bare'] as const

/**
 * `ours` is the networker. `raw` is Hyperswarm, Corestore and Protomux, wired as people wire them by hand. `1.x` is the
 * networker before this one. `libp2p` is libp2p. `bare` is the layer below alone, such as a pair of secret streams.
 */
export type Contender = (typeof CONTENDERS)[number]

/** Questions that are asked together, and answered on one page of `docs/`. */
export interface Page {
  /** Its name, as in `pnpm bench simulation`, which asks all questions of that page. */
  readonly name: string
  /** File name in `docs/`. */
  readonly file: string
  readonly title: string
  /** Markdown paragraphs between the title and the machine that it was measured on. */
  readonly intro: readonly string[]
  /** In the order of the page. */
  readonly questions: readonly Question[]
  /** Whether a missed target ends the command with exit code 1. Its questions are asked one after another. */
  readonly isStrict?: boolean
}

/** One question. */
export interface Question {
  /** Its name, as in `pnpm bench first-block`. */
  readonly name: string
  /** As in `Q1`. */
  readonly id: string
  readonly asks: string
  /** Markdown: what is measured, how, and how the result is verified. */
  readonly how: string
  /** Whether it takes too long for every day: it is asked by its name, or with `--nightly`. */
  readonly isNightly?: boolean
  measure(run: Run): Promise<Answer>
}

/** How much is to be measured. */
export interface Run {
  /** True when only the benchmark itself is tried: the least work that shows it working, in a few seconds. */
  readonly quick: boolean
  /** Shows the user what is under way. */
  progress(what: string): void
}

/** The measurements of a question. */
export interface Answer {
  /** The costs of each contender: the rows of the table, and the chart's bars. */
  readonly series: readonly Series[]
  readonly targets: readonly Target[]
  /** How the cost grows with the work: the chart's plots. A page shows no chart where there is none. */
  readonly growth: readonly Growth[]
  /** Markdown paragraphs with measured figures in them, such as where the time goes. */
  readonly remarks?: readonly string[]
}

export interface Series {
  readonly contender: Contender
  /** Name of the figure, as in `Time to the first block`. */
  readonly what: string
  readonly unit: string
  /** One value for each trial, in the order of the trials. */
  readonly samples: readonly number[]
}

/** A figure with a bound that it is to keep. */
export interface Target extends Bound {
  readonly what: string
  readonly value: number
  /** The lower and the upper quartile of the value. */
  readonly spread?: readonly [number, number]
  /** `×` for a ratio. */
  readonly unit: string
}

/** One of the two. */
export interface Bound {
  readonly atMost?: number
  readonly atLeast?: number
}

/** A plot of costs over sizes. */
export interface Growth {
  readonly what: string
  /** Labels of the axes, with their units, as in `cores` and `seconds`. */
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
