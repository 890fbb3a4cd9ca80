import { parseArgs } from 'node:util'
import { toSeed } from '../../simulation/seed.js'

export const USAGE = `Usage: basestore-sim run <scenario> [options]
       basestore-sim explore <scenario> [options]
       basestore-sim diff <trace> <trace>

<scenario> is a TypeScript or JavaScript file. Its default export is the scenario: a function that takes the
simulation. Its export 'options', if there is one, holds options of simulate().

run: runs the scenario once. Exits with 0 when nothing failed, and with 1 otherwise.
  --seed S          the seed (default: the options' seed, or BASESTORE_SIM_SEED, or 0)
  --faults 3,7      carry out only these of the faults that chaos plans; --faults= is none
  --trace FILE      write the trace, one line of JSON for each event
  --html FILE       write a page that shows the run
  --json            print the report as JSON; what the scenario prints goes to standard error

explore: runs the scenario with many seeds. For the first failure it finds the fewest faults that still cause it.
  --seeds N         how many seeds (default 100)
  --from S          the first seed (default 0)
  --jobs N          how many runs at a time (default 1)
  --twice SHARE     run this share of the seeds once more, in another process, and compare (default 0.1)
  --json            print the result as JSON

diff: prints the first event in which two traces differ, and exits with 1; with 0 when they are equal.

A scenario runs in a process of its own, with UV_THREADPOOL_SIZE=1, and with Math.random seeded before anything is
imported. The same scenario has another trace in a test that calls simulate(): there, Hypercore drew from an unseeded
Math.random while it was loaded.`

export type Arguments =
  | {
      readonly command: 'run'
      readonly file: string
      readonly seed: number | string | undefined
      readonly faults: readonly number[] | undefined
      readonly trace: string | undefined
      readonly html: string | undefined
      readonly json: boolean
    }
  | {
      readonly command: 'explore'
      readonly file: string
      readonly seeds: number
      readonly from: number
      readonly jobs: number
      readonly twice: number
      readonly json: boolean
    }
  | { readonly command: 'diff'; readonly files: readonly [string, string] }

type TextOption = Exclude<(typeof OPTIONS)[keyof typeof OPTIONS][number], 'json'>
type Values = { readonly [Name in TextOption]?: string } & { readonly json?: boolean }

const OPTIONS = {
  run: ['seed', 'faults', 'trace', 'html', 'json'],
  explore: ['seeds', 'from', 'jobs', 'twice', 'json'],
  diff: []
} as const

/**
 * @returns null when the usage is to be printed
 * @throws Error that says what is wrong
 */
export function parse(args: readonly string[]): Arguments | null {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean', default: false } as const
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...{
        seed: text,
        faults: text,
        trace: text,
        html: text,
        seeds: text,
        from: text,
        jobs: text,
        twice: text
      },
      json: flag,
      help: { ...flag, short: 'h' }
    }
  })
  if (values.help) return null
  const [command, ...files] = positionals
  if (command !== 'run' && command !== 'explore' && command !== 'diff') {
    throw new Error(`the command is run, explore or diff, got '${command ?? ''}'; see --help`)
  }
  checkOptions(command, values)
  const wanted = command === 'diff' ? 2 : 1
  if (files.length !== wanted)
    throw new Error(`${command} takes ${wanted} file(s), got ${files.length}; see --help`)
  if (command === 'diff') return { command, files: [files[0]!, files[1]!] }
  return command === 'run' ? readRun(files[0]!, values) : readExplore(files[0]!, values)
}

function readRun(file: string, values: Values): Arguments {
  const { seed, trace, html, json = false } = values
  const faults = values.faults
    ?.split(',')
    .filter(Boolean)
    .map((text) => whole('faults', text, 1))
  return {
    command: 'run',
    file,
    seed: seed === undefined ? undefined : toSeed(seed),
    faults,
    trace,
    html,
    json
  }
}

function readExplore(file: string, values: Values): Arguments {
  const { seeds = '100', from = '0', jobs = '1', twice = '0.1', json = false } = values
  const share = twice.trim() === '' ? Number.NaN : Number(twice)
  if (!(share >= 0 && share <= 1)) throw new Error(`--twice must be from 0 to 1, got '${twice}'`)
  return {
    command: 'explore',
    file,
    seeds: whole('seeds', seeds, 1),
    from: whole('from', from, 0),
    jobs: whole('jobs', jobs, 1),
    twice: share,
    json
  }
}

function checkOptions(command: keyof typeof OPTIONS, values: Values): void {
  for (const [name, value] of Object.entries(values)) {
    const isGiven = value !== undefined && value !== false
    if (isGiven && !(OPTIONS[command] as readonly string[]).includes(name)) {
      throw new Error(`${command} has no option --${name}; see --help`)
    }
  }
}

function whole(name: string, text: string, least: number): number {
  const number = text.trim() === '' ? Number.NaN : Number(text)
  if (Number.isSafeInteger(number) && number >= least) return number
  throw new Error(`--${name} must be a whole number of at least ${least}, got '${text}'`)
}
