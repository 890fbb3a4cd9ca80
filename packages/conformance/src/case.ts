import type { CaseContext } from './context.js'

/** What a case asks of the transport, or of the fixture's faults. Without it, the case is skipped. */
export type Need = 'connect' | 'suspend' | 'cut' | 'silence' | 'heal' | 'dial'

/** One promise, and how it is put to the proof. */
export interface ConformanceCase {
  /** Stable: `group.name`. */
  readonly id: string
  readonly group: string
  /** What a transport promises, as a sentence. */
  readonly promise: string
  /** The section of docs/writing-a-transport.md that explains it: `'#flush'`. */
  readonly guide: string
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
