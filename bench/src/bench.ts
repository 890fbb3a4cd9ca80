// The command: `pnpm bench [NAME…] [--quick] [--render]`.
import { parseArgs } from 'node:util'
import { questions } from '../questions/index.js'
import { environment } from './environment.js'
import { writePage } from './page.js'
import type { Question, Run, Target } from './question.js'
import { load, type Result, save } from './results.js'
import { isReached } from './statistics.js'

const USAGE = `pnpm bench [NAME…] [--quick] [--render]

  NAME      one or more of ${questions.map(({ name }) => name).join(', ')}; all without one
  --quick   does the least work that shows whether the benchmarks work, and writes nothing
  --render  measures nothing: writes docs/benchmarks.md and its charts from bench/results`

const { values, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    render: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false }
  }
})
const unknown = names.filter((name) => !questions.some((question) => question.name === name))

if (values.help || unknown.length > 0) {
  if (unknown.length > 0) console.error(`There is no question called ${unknown.join(', ')}.\n`)
  console.log(USAGE)
  process.exitCode = unknown.length > 0 ? 2 : 0
} else {
  const chosen = questions.filter(({ name }) => names.length === 0 || names.includes(name))
  if (!values.render) for (const question of chosen) await answer(question, values.quick)
  if (!values.quick) await writePage(await measured())
}

async function answer(question: Question, quick: boolean): Promise<void> {
  console.log(`${question.id} ${question.name}: ${question.asks}`)
  const started = performance.now()
  const run: Run = { quick, progress }
  const answer = await question.measure(run)
  progress('')
  for (const target of answer.targets) console.log(`  ${line(target, quick)}`)
  console.log(`  ${((performance.now() - started) / 1_000).toFixed(1)} s`)
  if (quick) return
  await save(question, answer, await environment())
}

function line(target: Target, quick: boolean): string {
  const { what, value, unit, atMost, atLeast } = target
  const bound = atMost === undefined ? `≥ ${atLeast}` : `≤ ${atMost}`
  const verdict = isReached(target) ? 'ok    ' : 'MISSED'
  return `${quick ? '      ' : verdict} ${what}: ${Number(value.toPrecision(3))} ${unit} (${bound})`
}

/** One line that the next takes the place of, where someone watches. */
function progress(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${what && `  ${what}`}`)
}

async function measured(): Promise<[Question, Result][]> {
  const all: [Question, Result][] = []
  for (const question of questions) {
    const result = await load(question)
    if (result) all.push([question, result])
  }
  return all
}
