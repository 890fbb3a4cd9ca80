#!/usr/bin/env node
import { Command } from './command.js'
import { Failure } from './failure.js'

const interrupt = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  // Once: a second signal ends the process at once, as if we did not listen.
  process.once(name, () => interrupt.abort(new Failure('stopped; run the same command again to carry on')))
}

const { stdout, stderr } = process
const command = new Command({ stdout, stderr, signal: interrupt.signal })
// The last resort, so that a user never sees a stack trace.
process.on('uncaughtException', (error) => {
  command.fail(error)
  process.exit(1)
})

process.exitCode = await command.run(process.argv.slice(2))
