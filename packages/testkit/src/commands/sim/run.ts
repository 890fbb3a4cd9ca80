import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { makeTemporaryDirectory, removeTemporaryDirectory } from '../../networks/temporary-directory.js'
import type { SimulationReport } from '../../simulation/report.js'
import type { TraceEvent } from '../../simulation/trace.js'
import type { Arguments } from './arguments.js'
import { attempt } from './attempt.js'
import { checkFile } from './check-file.js'
import { NewFile } from './new-file.js'
import { Pool } from './pool.js'
import { describeResult } from './print.js'
import { Progress } from './progress.js'

type RunArguments = Extract<Arguments, { command: 'run' }>

/** Runs a scenario once, in a worker process. @returns whether nothing failed */
export async function run(args: RunArguments, program: string, signal: AbortSignal): Promise<boolean> {
  const { file, seed, faults, trace, html, json } = args
  await checkFile(file)
  const files: { trace?: NewFile; html?: NewFile } = {}
  const directory = await makeTemporaryDirectory()
  const progress = new Progress(process.stderr)
  const pool = new Pool({
    program,
    jobs: 1,
    directory,
    signal,
    onoutput: (name, text) => progress.aside(() => process[json ? 'stderr' : name].write(text))
  })
  try {
    if (trace) files.trace = await NewFile.create(trace)
    if (html) files.html = await NewFile.create(html)
    const written = files.trace?.draft ?? (html ? join(directory, 'trace.ndjson') : undefined)
    const task = {
      file,
      ...(seed !== undefined && { seed }),
      ...(faults && { faults }),
      ...(written && { trace: written }),
      progress: progress.isShown
    }
    const result = await attempt(pool, task, { onprogress: (now) => progress.show(now) })
    await pool.close()
    progress.end()
    const { report } = result
    if (report && files.html) await writeHtml(files.html, report, written!)
    if (report) await files.trace?.keep()
    const wrote = report ? [trace, html].filter((path) => path !== undefined) : []
    if (report && faults) warnOfUnknown(faults, report)
    console.log(json ? JSON.stringify(report ?? result, null, 2) : describeResult(result, wrote))
    return result.ok
  } finally {
    progress.end()
    await pool.close()
    await Promise.all([files.trace?.discard(), files.html?.discard()])
    await removeTemporaryDirectory(directory)
  }
}

async function writeHtml(html: NewFile, report: SimulationReport, trace: string): Promise<void> {
  const { writePicture } = await import('../../picture/index.js')
  await writePicture(html.draft, { report, events: readTrace(trace) })
  await html.keep()
}

async function* readTrace(path: string): AsyncGenerator<TraceEvent> {
  const file = await open(path)
  for await (const line of file.readLines()) yield JSON.parse(line) as TraceEvent
}

function warnOfUnknown(faults: readonly number[], report: SimulationReport): void {
  const unknown = faults.filter((fault) => !report.faults.some(({ id }) => id === fault))
  if (unknown.length === 0) return
  console.error(
    `chaos planned ${report.faults.length} faults in this run, and none with the number ${unknown.join(', ')}`
  )
}
