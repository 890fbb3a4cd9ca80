#!/usr/bin/env node
import { parse, USAGE } from './sim/arguments.js'
import { diff } from './sim/diff.js'
import { explore } from './sim/explore.js'
import { Interruption, untilSignal } from './sim/interruption.js'
import { WORKER } from './sim/protocol.js'
import { run } from './sim/run.js'
import { seedLoading } from './sim/seeded-loading.js'

// None of these imports may load Hypercore: a worker seeds Math.random before that.

/** @returns whether nothing failed */
async function main(args: readonly string[]): Promise<boolean> {
  const parsed = parse(args)
  if (!parsed) {
    console.log(USAGE)
    return true
  }
  if (parsed.command === 'diff') return diff(parsed.files)
  const program = process.argv[1]!
  return untilSignal((signal) =>
    parsed.command === 'run' ? run(parsed, program, signal) : explore(parsed, program, signal)
  )
}

function end(error: unknown): void {
  if (!(error instanceof Interruption)) console.error(error instanceof Error ? error.message : error)
  process.exitCode = error instanceof Interruption ? error.exitCode : 1
}

/** A reader of our output may close it early, as `head` does. That is no failure of the run. */
function onwriteerror(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}

process.stdout.on('error', onwriteerror)
process.stderr.on('error', onwriteerror)
if (process.argv[2] === WORKER && process.send) {
  const restore = seedLoading()
  import('./sim/worker.js').then(({ work }) => work()).finally(restore)
} else {
  main(process.argv.slice(2)).then((ok) => {
    if (!ok) process.exitCode = 1
  }, end)
}
