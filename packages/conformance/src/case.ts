import type { CaseContext } from './context.js'
import type { Need } from './need.js'

/** One promise of the transport contract, and the test of it. */
export interface ConformanceCase {
  /** Stable: `group.name`. */
  readonly id: string
  readonly group: string
  /** What a transport promises, as a sentence. */
  readonly promise: string
  /** The section of docs/writing-a-transport.md that explains it: `'#flush'`. */
  readonly guide: string
  /** The case is skipped where one of these is missing. */
  readonly needs: readonly Need[]
  run(t: CaseContext): Promise<void>
}

interface CaseBody {
  readonly promise: string
  readonly needs?: readonly Need[]
  run(t: CaseContext): Promise<void>
}

/** The cases of one section of the guide. */
export function group(name: string, bodies: Readonly<Record<string, CaseBody>>): ConformanceCase[] {
  return Object.entries(bodies).map(([id, { promise, needs = [], run }]) => ({
    id: `${name}.${id}`,
    group: name,
    promise,
    guide: `#${name}`,
    needs,
    run
  }))
}
