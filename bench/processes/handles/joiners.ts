import type { Child } from '../../harness/child.js'
import type { Scratch } from '../../harness/scratch.js'
import type { JoinerHandlers } from '../joiner.js'

const PROGRAM = new URL('../joiner.ts', import.meta.url)

export type Joiner = Child<JoinerHandlers>

/** The contenders that a joiner can be. */
export type JoinerContender = 'ours' | 'raw'

/** Starts processes that join topics when they are told to. */
export function startJoiners(count: number, { start }: Scratch): Joiner[] {
  return Array.from({ length: count }, () => start<JoinerHandlers>(PROGRAM))
}

/** All enter the DHT. @returns their public keys in hex */
export function openJoiners(
  joiners: readonly Joiner[],
  contender: JoinerContender,
  { testnet: { bootstrap }, directory }: Scratch
): Promise<string[]> {
  return each(joiners, (joiner) => joiner.ask('open', { contender, bootstrap, directory }))
}

/** Asks all joiners the same at the same time. */
export function each<T>(joiners: readonly Joiner[], ask: (joiner: Joiner) => Promise<T>): Promise<T[]> {
  return Promise.all(joiners.map(ask))
}
