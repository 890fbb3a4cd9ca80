import { resolve } from 'node:path'
import { type ParseArgsConfig, parseArgs } from 'node:util'
import ids from 'hypercore-id-encoding'
import type { Output, Report } from './events.js'
import { Failure, firstLine } from './failure.js'
import { checkTarget } from './part-file.js'
import { peakMemory } from './peak-memory.js'
import { JsonReport } from './report-json.js'
import { LineReport } from './report-lines.js'
import { openSourceFile } from './source-file.js'

// Arguments are checked before `share.js` or `fetch.js` is imported: loading the store and the network takes a third of
// a second.

const DEFAULT_TIMEOUT_SECONDS = 60
/** The longest time that Node's timers take (s). */
const MAX_TIMEOUT_SECONDS = (2 ** 31 - 1) / 1000
/** Exit code after Ctrl+C: 128 and the number of SIGINT, as shells expect it. */
const INTERRUPTED = 130

const HELP = `Shares a file from a Corestore, and fetches it by key over Hyperswarm.

  share-file share <file>    prints the key, and serves the file until stopped
  share-file fetch <key>     fetches the file, verifies it and saves it

Options of both
  --bootstrap <host:port>    a node of another DHT than the public one; may be repeated
  --store <dir>              where the blocks are kept
  --json                     prints one JSON object a line, for programs
  -h, --help

Options of fetch
  -o, --out <file>           where to save it; default: the file's own name, in the current directory
  -f, --force                replaces a file that exists
  --timeout <seconds>        how long to wait for a peer, or for more data; default: ${DEFAULT_TIMEOUT_SECONDS}
`

const COMMON = {
  bootstrap: { type: 'string', multiple: true, default: [] as string[] },
  store: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false }
} as const

const FETCH = {
  ...COMMON,
  out: { type: 'string', short: 'o' },
  force: { type: 'boolean', short: 'f', default: false },
  timeout: { type: 'string', default: String(DEFAULT_TIMEOUT_SECONDS) }
} as const

/** What a command needs of the process that it runs in. */
export interface CommandContext {
  readonly stdout: Output
  readonly stderr: Output
  /** Ends the command. Its reason is an error for the user. */
  readonly signal: AbortSignal
}

/** A run of the program. */
export class Command {
  readonly #context: CommandContext
  #report: Report | null = null

  constructor(context: CommandContext) {
    this.#context = context
  }

  /**
   * @param args the command line without the program's name
   * @returns the exit code
   */
  async run(args: readonly string[]): Promise<number> {
    let code = 0
    try {
      await this.#run(args)
    } catch (error) {
      this.fail(error)
      code = this.#context.signal.aborted ? INTERRUPTED : 1
    }
    this.#report?.tell({ event: 'stopped', peakMemory: await peakMemory() })
    this.#report?.end()
    return code
  }

  /** Tells the user of an error, in one line. */
  fail(error: unknown): void {
    this.#report?.end()
    this.#context.stderr.write(`share-file: ${firstLine(error)}\n`)
  }

  async #run([command, ...args]: readonly string[]): Promise<void> {
    if (command === 'share') return this.#share(args)
    if (command === 'fetch') return this.#fetch(args)
    if (command === 'help' || command === '--help' || command === '-h') return this.#help()
    const problem = command ? `there is no command ${command}` : 'no command was given'
    throw new Failure(`${problem}; use share <file> or fetch <key>, share-file --help lists the options`)
  }

  async #share(args: string[]): Promise<void> {
    const { values, positionals } = parse({ args, options: COMMON, allowPositionals: true })
    if (values.help) return this.#help()
    const report = await this.#openReport(values.json)
    const path = only(positionals, 'one file')
    const bootstrap = checkBootstrap(values.bootstrap)
    const source = await openSourceFile(path)
    try {
      const { shareFile } = await import('./share.js')
      const { signal } = this.#context
      await shareFile(source, { store: values.store, bootstrap, report, signal })
    } finally {
      await source.handle.close()
    }
  }

  async #fetch(args: string[]): Promise<void> {
    const { values, positionals } = parse({ args, options: FETCH, allowPositionals: true })
    if (values.help) return this.#help()
    const report = await this.#openReport(values.json)
    const { store, force } = values
    const bootstrap = checkBootstrap(values.bootstrap)
    const timeout = checkTimeout(values.timeout)
    const key = checkKey(only(positionals, 'one key'))
    const target = values.out ? resolve(values.out) : undefined
    if (target) await checkTarget(target, { overwrite: force })
    const { fetchFile } = await import('./fetch.js')
    const { signal } = this.#context
    await fetchFile(key, { target, store, bootstrap, timeout, force, report, signal })
  }

  #help(): void {
    this.#context.stdout.write(HELP)
  }

  async #openReport(json: boolean): Promise<Report> {
    this.#report = await makeReport(this.#context.stdout, json)
    return this.#report
  }
}

async function makeReport(output: Output, json: boolean): Promise<Report> {
  if (json) return new JsonReport(output)
  if (!output.isTTY) return new LineReport(output)
  const { TerminalReport } = await import('./report-terminal.js')
  return new TerminalReport(output)
}

function parse<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config)
  } catch (error) {
    throw new Failure(firstLine(error), { cause: error })
  }
}

function only(values: readonly string[], what: string): string {
  const [value] = values
  if (value === undefined || values.length > 1) throw new Failure(`give ${what}, got ${values.length}`)
  return value
}

function checkKey(id: string): string {
  if (ids.isValid(id)) return ids.normalize(id)
  throw new Failure(`${id} is not a key; pass the 52 letters and digits that share-file share prints`)
}

/** @returns milliseconds */
function checkTimeout(text: string): number {
  const seconds = Number(text)
  if (seconds > 0 && seconds <= MAX_TIMEOUT_SECONDS) return seconds * 1000
  throw new Failure(`--timeout must be a number of seconds above 0, got ${text}`)
}

function checkBootstrap(nodes: readonly string[]): readonly string[] {
  for (const node of nodes) {
    const port = Number(/^[^\s:]+:(\d{1,5})$/.exec(node)?.[1])
    if (!(port > 0 && port < 65_536)) throw new Failure(`--bootstrap must be host:port, got ${node}`)
  }
  return nodes
}
