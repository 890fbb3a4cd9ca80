import { basename } from 'node:path'
import { select } from '../cases/index.js'
import { runTransportCases } from '../run.js'
import { type Arguments, parse, USAGE } from './arguments.js'
import { json, type Totals, tap, text } from './formats.js'
import { loadFixture } from './load-fixture.js'

/** Milliseconds that the process has to exit by itself after the last case. */
const EXIT_TIMEOUT = 5_000

const FORMATS = { json, tap, text }

async function main(): Promise<void> {
  const args = parse(process.argv.slice(2))
  if (!args) {
    console.log(USAGE)
    return
  }
  process.stdout.write('') // opens the pipe, so that it counts as there before
  const before = process.getActiveResourcesInfo()
  const { failed } = await run(args)
  process.exitCode = failed > 0 ? 1 : 0
  expectExit(before)
}

async function run({ file, only, repeat, format }: Arguments): Promise<Totals> {
  const fixture = await loadFixture(file)
  const printer = FORMATS[format]((line) => console.log(line))
  const totals = { passed: 0, failed: 0, skipped: 0, ms: 0 }
  printer.begin(fixture.name ?? basename(file), select(only).length * repeat)
  for (let count = 1; count <= repeat; count++) {
    const report = await runTransportCases(fixture, {
      only,
      onresult: (result) => printer.case(result, count)
    })
    for (const key of ['passed', 'failed', 'skipped', 'ms'] as const) totals[key] += report[key]
  }
  printer.end(totals)
  return totals
}

/**
 * Fails when something keeps the process alive. It was left behind by the fixture or its transports, perhaps in native
 * code, where no case can see it.
 *
 * @param before the resources that were active before the first case, such as the pipe of our own output
 */
function expectExit(before: readonly string[]): void {
  const timer = setTimeout(() => {
    const left = process.getActiveResourcesInfo()
    for (const name of before) if (left.includes(name)) left.splice(left.indexOf(name), 1)
    const names = left.join(', ') || 'a handle in native code'
    console.error(
      `All cases have ended, but the process does not exit: ${names}. Free it in stop() or in close().`
    )
    process.exit(1)
  }, EXIT_TIMEOUT)
  timer.unref()
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
