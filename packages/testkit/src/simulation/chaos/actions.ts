import type { ChaosAction } from './action.js'
import { churn } from './churn.js'
import { clog } from './clog.js'
import { crash } from './crash.js'
import { pause } from './pause.js'
import { reset } from './reset.js'
import { split } from './split.js'

/** All actions of chaos. A name is the action's option in `sim.chaos`, and the `kind` of its faults. */
export const ACTIONS = {
  /** All links between two peers break. */
  resets: reset,
  /** The network splits: one peer alone, a majority and the rest, a bridge, a ring of majorities, or at random. */
  splits: split,
  /** The links of some peers clog one after the other, and are freed in another order, as in FoundationDB's tests. */
  clogs: clog,
  /** A peer ends from one moment to the next, and starts again. */
  crashes: crash,
  /** A peer's computer stops for a while. */
  pauses: pause,
  /** A peer leaves, and comes back. */
  churn
} satisfies Record<string, ChaosAction>

export type ChaosKind = keyof typeof ACTIONS

export const KINDS = Object.keys(ACTIONS) as ChaosKind[]

/** An action by the kind of its faults. */
export function actionOf(kind: ChaosKind): ChaosAction {
  return ACTIONS[kind]
}
