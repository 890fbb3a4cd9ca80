// The command: `pnpm bench [NAME…] [--quick] [--render]`.
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { questions } from '../questions/index.js'
import { environment } from './environment.js'
import { writePage } from './page.js'
import type { Question, Target } from './question.js'
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
  const waiting = values.render ? [] : [...chosen]
  // Side by side they would measure one another, which does no harm where nothing is measured.
  const lanes = values.quick ? availableParallelism() : 1
  const lane = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await answer(next, values.quick)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  if (!values.quick) await writePage(await measured())
}

async function answer(question: Question, quick: boolean): Promise<void> {
  const started = performance.now()
  const answer = await question.measure({ quick, progress: (what) => progress(`${question.name}: ${what}`) })
  progress('')
  const took = ((performance.now() - started) / 1_000).toFixed(1)
  console.log(`${question.id} ${question.name}: ${question.asks} (${took} s)`)
  for (const target of answer.targets) console.log(`  ${line(target, quick)}`)
  if (!quick) await save(question, answer, await environment())
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
