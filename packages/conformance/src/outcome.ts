import type { ConformanceCase } from './case.js'

/** Where the sections of {@link ConformanceCase.guide} are. */
const GUIDE = 'https://github.com/andrewosh/basestore-networker/blob/main/docs/writing-a-transport.md'

/** How one case ended. */
export interface CaseOutcome {
  readonly id: string
  readonly group: string
  readonly promise: string
  /** The section of the guide, as a URL. */
  readonly guide: string
  readonly status: 'passed' | 'failed' | 'skipped'
  readonly ms: number
  /** Why it was skipped. */
  readonly reason?: string
  /** Why it failed. */
  readonly error?: Error
}

export function outcomeOf(
  { id, group, promise, guide }: ConformanceCase,
  rest: Pick<CaseOutcome, 'status' | 'ms' | 'reason' | 'error'>
): CaseOutcome {
  return { id, group, promise, guide: `${GUIDE}${guide}`, ...rest }
}

/** What broke, which promise that was, and where to read on. */
export function explain({ id, promise, guide, error }: CaseOutcome): string {
  return `${id}: ${error?.message}\nBroken promise: ${promise}\nGuide: ${guide}`
}
