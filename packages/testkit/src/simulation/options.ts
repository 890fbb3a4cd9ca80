import { NetworkerError } from '@basestore/networker'
import { checkOptions, type OptionKinds } from '@basestore/networker/transport'
import type { MemoryNetworkOptions, RunLimits } from '@basestore/transport-memory'
import { toSeed } from './seed.js'
import type { TraceEvent } from './trace.js'

/** The environment variable with the seed, for options without one. */
export const SEED_VARIABLE = 'BASESTORE_SIM_SEED'

export interface SimulationOptions {
  /** The name in the report. @default the name of the scenario's function, or 'simulation' */
  readonly name?: string
  /** Decides everything that is random. @default the environment's BASESTORE_SIM_SEED, or 0 */
  readonly seed?: number | string
  /** How links behave: see `MemoryNetwork`. @default no latency, no limits */
  readonly link?: MemoryNetworkOptions['link']
  /** How peers find each other: see `MemoryNetwork`. @default at once */
  readonly discovery?: MemoryNetworkOptions['discovery']
  /**
   * Where the peers' stores are. `memory` is fast, and a crash can lose what was not flushed. `rocksdb` is RocksDB in a
   * temporary directory; a run then repeats exactly only with UV_THREADPOOL_SIZE=1 in the environment.
   * @default 'memory'
   */
  readonly store?: 'memory' | 'rocksdb'
  /**
   * How much a run may use: virtual milliseconds (`time`), `events`, real milliseconds (`wall`), and bytes of resident
   * `memory`. Beyond a limit, the run fails.
   * @default 30 days, 100_000_000 events, 10 minutes, 4 GiB
   */
  readonly limits?: RunLimits
  /** The numbers of the planned faults that chaos carries out, as a report lists them. @default all */
  readonly faults?: readonly number[]
  /** Called with each event of the trace. */
  readonly onevent?: (event: TraceEvent) => void
  /** The command that repeats the run, for the report. @default names the seed's environment variable */
  readonly command?: string
}

export interface FullOptions extends SimulationOptions {
  readonly name: string
  readonly seed: number | string
  readonly store: 'memory' | 'rocksdb'
  readonly limits: Required<RunLimits>
  readonly command: string
}

const OPTIONS: OptionKinds<SimulationOptions> = {
  name: 'string',
  seed: 'any',
  link: 'any',
  discovery: 'any',
  store: 'any',
  limits: 'object',
  faults: 'any',
  onevent: 'function',
  command: 'string'
}

const LIMITS: Required<RunLimits> = {
  time: 30 * 24 * 3_600_000,
  events: 1e8,
  wall: 600_000,
  memory: 4 * 1024 ** 3
}

/** @throws NetworkerError `INVALID_OPTION` */
export function readOptions(options: SimulationOptions, fallback: string): FullOptions {
  checkOptions<SimulationOptions>(options, OPTIONS, { what: 'the options of a simulation' })
  const { name = fallback || 'simulation', store = 'memory', limits = {} } = options
  const seed = options.seed ?? fromEnvironment() ?? 0
  if (typeof seed !== 'string' && !Number.isFinite(seed)) {
    throw new NetworkerError('INVALID_OPTION', `seed must be a string or a finite number, got ${seed}`)
  }
  if (store !== 'memory' && store !== 'rocksdb') {
    throw new NetworkerError('INVALID_OPTION', `store must be 'memory' or 'rocksdb', got '${store}'`)
  }
  const any: OptionKinds<RunLimits> = { time: 'any', events: 'any', wall: 'any', memory: 'any' }
  checkOptions<RunLimits>(limits, any, { what: 'the limits of a run' })
  for (const [name, limit] of Object.entries(limits)) {
    if (!(limit > 0)) {
      throw new NetworkerError('INVALID_OPTION', `limits.${name} must be above 0, got ${limit}`)
    }
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
