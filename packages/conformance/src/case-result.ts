import type { ConformanceCase } from './case.js'

/** {@link ConformanceCase.guide} is an anchor of this page. */
const GUIDE = 'https://github.com/andrewosh/basestore-networker/blob/main/docs/writing-a-transport.md'

/** What became of one case. */
export interface CaseResult {
  readonly id: string
  readonly group: string
  /** What a transport promises, as a sentence. */
  readonly promise: string
  /** The URL of the guide's section. */
  readonly guide: string
  readonly status: 'passed' | 'failed' | 'skipped'
  /** How long it took, without its tear-down, in milliseconds. */
  readonly ms: number
  /** Why it was skipped. */
  readonly reason?: string
  /** Why it failed. */
  readonly error?: Error
}

export function resultOf(
  { id, group, promise, guide }: ConformanceCase,
  rest: Pick<CaseResult, 'status' | 'ms' | 'reason' | 'error'>
): CaseResult {
  return { id, group, promise, guide: `${GUIDE}${guide}`, ...rest }
}

/** What went wrong, which promise that breaks, and where the guide explains it. */
export function explain({ id, promise, guide, error }: CaseResult): string {
  return `${id}: ${error?.message}\nBroken promise: ${promise}\nGuide: ${guide}`
}
