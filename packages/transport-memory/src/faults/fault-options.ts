import { checkOptions } from '@basestore/networker/transport'
import { checkNumber, invalidOption } from '../check.js'

/** Which of the two directions an injected fault is in. */
export interface OneWay {
  /** Only from the first to the second. @default false */
  readonly oneWay?: boolean
}

export interface PartitionOptions extends OneWay {
  /**
   * The fate of all that is sent. `drop`: it is sent again and again until the partition is over, or until the
   * link's ends give up after the network's `timeout`. `hold`: it waits for as long as the partition takes. `reset`:
   * links break, and so do those that are dialled.
   * @default 'drop'
   */
  readonly mode?: 'drop' | 'hold' | 'reset'
}

export interface CorruptOptions extends OneWay {
  /** The share of the frames of which one bit is turned, from 0 to 1. @default 1 */
  readonly share?: number
}

export interface KillOptions {
  /**
   * The others' view of it. `silent`: nothing, until they give up, as when a computer loses power. `reset`: their links
   * break, as when a process dies and its computer closes what it had open.
   * @default 'silent'
   */
  readonly mode?: 'silent' | 'reset'
}

/** Whether it is in one direction only. @throws NetworkerError `INVALID_OPTION` */
export function readOneWay(options: OneWay): boolean {
  checkOptions<OneWay>(options, { oneWay: 'boolean' }, { what: 'the options of shape()' })
  return options.oneWay ?? false
}

/** @throws NetworkerError `INVALID_OPTION` */
export function readPartition(options: PartitionOptions) {
  const what = 'the options of partition()'
  checkOptions<PartitionOptions>(options, { mode: 'any', oneWay: 'boolean' }, { what })
  return { mode: toPartitionMode(options.mode), oneWay: options.oneWay ?? false }
}

/** @throws NetworkerError `INVALID_OPTION` */
export function readCorrupt(options: CorruptOptions): Required<CorruptOptions> {
  checkOptions<CorruptOptions>(
    options,
    { share: 'number', oneWay: 'boolean' },
    { what: 'the options of corrupt()' }
  )
  const { share = 1, oneWay = false } = options
  checkNumber('share', 'from 0 to 1', share, share >= 0 && share <= 1)
  return { share, oneWay }
}

/** @throws NetworkerError `INVALID_OPTION` */
export function readKillMode(options: KillOptions): 'silent' | 'reset' {
  checkOptions<KillOptions>(options, { mode: 'any' }, { what: 'the options of kill()' })
  const { mode = 'silent' } = options
  if (mode === 'silent' || mode === 'reset') return mode
  throw invalidOption(`mode must be silent or reset, got ${mode}`)
}

const PARTITION_MODES: readonly unknown[] = ['drop', 'hold', 'reset']

/** @throws NetworkerError `INVALID_OPTION` */
export function toPartitionMode(mode: PartitionOptions['mode'] = 'drop'): 'drop' | 'hold' | 'reset' {
  if (PARTITION_MODES.includes(mode)) return mode
  throw invalidOption(`mode must be one of ${PARTITION_MODES.join(', ')}, got ${mode}`)
}
