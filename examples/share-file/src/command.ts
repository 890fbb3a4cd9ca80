#!/usr/bin/env node
import { type ParseArgsConfig, parseArgs } from 'node:util'
import type { Report } from './events.js'
import { Failure, firstLine } from './failure.js'
import { fetchFile } from './fetch.js'
import { peakMemory } from './peak-memory.js'
import { JsonReport } from './report-json.js'
import { LineReport } from './report-lines.js'
import { TerminalReport } from './report-terminal.js'
import { shareFile } from './share.js'

const DEFAULT_TIMEOUT_SECONDS = 60
/** 128 and the number of SIGINT, as shells have it. */
const INTERRUPTED = 130

const HELP = `Shares a file from a Corestore, and fetches it by key over Hyperswarm.

  share-file share <file>    prints the key, and serves the file until stopped
  share-file fetch <key>     fetches the file, verifies it and writes it out

Options of both
  --bootstrap <host:port>    enter another DHT than the public one; may be repeated
  --store <dir>              where the blocks are kept
  --json                     one JSON object a line, for programs
  -h, --help

Options of fetch
  -o, --out <file>           where to write to; default: the file's own name, in the current directory
  -f, --force                replace a file that is there
  --timeout <seconds>        how long to wait for a peer, or for data; default: ${DEFAULT_TIMEOUT_SECONDS}
`

const COMMON = {
  bootstrap: { type: 'string', multiple: true },
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

let report: Report | undefined

async function main([command, ...args]: string[], signal: AbortSignal): Promise<void> {
  if (command === 'share') return share(args, signal)
  if (command === 'fetch') return fetch(args, signal)
  if (command === 'help' || command === '--help' || command === '-h') return help()
  throw new Failure(
    `say share <file> or fetch <key>${command ? `, not ${command}` : ''}; share-file --help tells more`
  )
}

async function share(args: string[], signal: AbortSignal): Promise<void> {
  const { values, positionals } = parse({ args, options: COMMON, allowPositionals: true })
  if (values.help) return help()
  report = makeReport(values.json)
  const path = only(positionals, 'one file')
  await shareFile(path, {
    store: values.store,
    bootstrap: checkBootstrap(values.bootstrap ?? []),
    report,
    signal
  })
}

async function fetch(args: string[], signal: AbortSignal): Promise<void> {
  const { values, positionals } = parse({ args, options: FETCH, allowPositionals: true })
  if (values.help) return help()
  report = makeReport(values.json)
  const { out, store, force } = values
  const bootstrap = checkBootstrap(values.bootstrap ?? [])
  const timeout = checkTimeout(values.timeout)
  await fetchFile(only(positionals, 'one key'), { out, store, bootstrap, timeout, force, report, signal })
}

function help(): void {
  process.stdout.write(HELP)
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
  if (value === undefined || values.length > 1) throw new Failure(`say ${what}, got ${values.length}`)
  return value
}

function checkTimeout(text: string): number {
  const seconds = Number(text)
  if (seconds > 0 && seconds < 2 ** 31 / 1000) return seconds * 1000
  throw new Failure(`--timeout must be a number of seconds above 0, got ${text}`)
}

function checkBootstrap(nodes: readonly string[]): readonly string[] {
  for (const node of nodes) {
    const port = Number(/^[^\s:]+:(\d{1,5})$/.exec(node)?.[1])
    if (!(port > 0 && port < 65_536)) throw new Failure(`--bootstrap must be host:port, got ${node}`)
  }
  return nodes
}

function makeReport(json: boolean): Report {
  if (json) return new JsonReport()
  return process.stdout.isTTY ? new TerminalReport() : new LineReport()
}

function fail(error: unknown): void {
  report?.end()
  process.stderr.write(`share-file: ${firstLine(error)}\n`)
  process.exitCode = 1
}

const interrupt = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  // Once: a second one ends the process at once, as it would have without us.
  process.once(name, () => interrupt.abort(new Failure('stopped; run the same command again to carry on')))
}
// The last resort, so that nobody ever reads a stack.
process.on('uncaughtException', (error) => {
  fail(error)
  process.exit()
})

try {
  await main(process.argv.slice(2), interrupt.signal)
} catch (error) {
  fail(error)
  if (interrupt.signal.aborted) process.exitCode = INTERRUPTED
}
report?.tell({ event: 'stopped', peakMemory: await peakMemory() })
report?.end()
