import { NetworkerError } from '@basestore/networker'
import type { MemoryNetworkOptions, RunLimits } from '@basestore/transport-memory'
import { toSeed } from './seed.js'
import type { TraceEvent } from './trace.js'

/** The environment variable that gives a seed where the options do not. */
export const SEED_VARIABLE = 'BASESTORE_SIM_SEED'

export interface SimulationOptions {
  /** What the report calls it. @default the scenario's function name, or 'simulation' */
  readonly name?: string
  /** Decides all that is left to chance. @default the environment's BASESTORE_SIM_SEED, or 0 */
  readonly seed?: number | string
  /** How links behave: see `MemoryNetwork`. @default perfectly */
  readonly link?: MemoryNetworkOptions['link']
  /** How peers find each other: see `MemoryNetwork`. @default at once */
  readonly discovery?: MemoryNetworkOptions['discovery']
  /**
   * Where stores are: `memory` is fast and can lose what was not flushed, `rocksdb` is the real thing in a temporary
   * directory. With RocksDB a run repeats exactly only with UV_THREADPOOL_SIZE=1 in the environment.
   * @default 'memory'
   */
  readonly store?: 'memory' | 'rocksdb'
  /**
   * What a run may use at most: virtual milliseconds, events, real milliseconds, bytes of resident memory.
   * @default 30 days, 100,000,000 events, 10 minutes, 4 GiB
   */
  readonly limits?: RunLimits
  /** Of the faults that chaos plans, only those with these numbers, as a report has them. @default all */
  readonly faults?: readonly number[]
  /** Told of each event of the trace. */
  readonly onevent?: (event: TraceEvent) => void
  /** The command that repeats the run, for the report. @default the seed's environment variable */
  readonly command?: string
}

export interface FullOptions extends SimulationOptions {
  readonly name: string
  readonly seed: number | string
  readonly store: 'memory' | 'rocksdb'
  readonly limits: Required<RunLimits>
  readonly command: string
}

const LIMITS: Required<RunLimits> = {
  time: 30 * 24 * 3_600_000,
  events: 1e8,
  wall: 600_000,
  memory: 4 * 1024 ** 3
}

/** @throws NetworkerError `INVALID_OPTION` */
export function readOptions(options: SimulationOptions, fallback: string): FullOptions {
  const { name = fallback || 'simulation', store = 'memory', limits = {} } = options
  const seed = options.seed ?? fromEnvironment() ?? 0
  if (typeof seed !== 'string' && !Number.isFinite(seed)) {
    throw new NetworkerError('INVALID_OPTION', `seed must be a string or a finite number, got ${seed}`)
  }
  if (store !== 'memory' && store !== 'rocksdb') {
    throw new NetworkerError('INVALID_OPTION', `store must be 'memory' or 'rocksdb', got '${store}'`)
  }
  for (const [name, limit] of Object.entries(limits)) {
    if (!(limit > 0))
      throw new NetworkerError('INVALID_OPTION', `limits.${name} must be above 0, got ${limit}`)
  }
  const command = options.command ?? repeatBy(seed, options.faults)
  return { ...options, name, seed, store, limits: { ...LIMITS, ...limits }, command }
}

function repeatBy(seed: number | string, faults?: readonly number[]): string {
  const test = `${SEED_VARIABLE}=${seed} with the command that ran this test`
  return faults ? `${test}, and its option faults: [${faults.join(', ')}]` : test
}

function fromEnvironment(): number | string | undefined {
  const text = process.env[SEED_VARIABLE]
  return text === undefined || text === '' ? undefined : toSeed(text)
}
