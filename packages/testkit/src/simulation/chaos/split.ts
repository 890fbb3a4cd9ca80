import type { SplitKind } from '@basestore/transport-memory'
import type { ActionContext, ChaosAction } from './action.js'

/** The ways in which a network splits, and how many peers each takes. */
const SPLITS: readonly (readonly [SplitKind, number])[] = [
  ['isolate', 2],
  ['majority', 2],
  ['random', 2],
  ['bridge', 3],
  ['ring', 4]
]
const MODES = ['drop', 'hold', 'reset'] as const

/** Splits the network among the peers that are up at the moment. */
export const split: ChaosAction = {
  from: 'victims',
  least: 0,
  howMany: () => 0,
  obstacle: (_, context) => (possibleNow(context).length === 0 ? 'too few are there' : undefined),

  begin({ random }, context) {
    const possible = possibleNow(context)
    const kind = possible[random.below(possible.length)]!
    const mode = MODES[random.below(MODES.length)]!
    const undo = context.because(() => context.network.split(kind, { mode }))
    return () => context.because(undo)
  }
}

function possibleNow({ peers }: ActionContext): readonly SplitKind[] {
  const up = [...peers.values()].filter(({ isUp }) => isUp).length
  return SPLITS.filter(([, least]) => up >= least).map(([kind]) => kind)
}
