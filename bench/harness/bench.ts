// The command: `pnpm bench [NAME…] [--quick] [--nightly] [--only PART] [--render]`.
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { pages } from '../questions/index.js'
import { environment } from './environment.js'
import { writePage } from './page.js'
import type { Page, Question, Target } from './question.js'
import { save } from './results.js'
import { isReached } from './statistics.js'

const USAGE = `pnpm bench [NAME…] [--quick] [--nightly] [--only PART] [--render]

  NAME         a page, which stands for its questions, or a question; ${pages[0]!.name} without one
${pages.map(({ name, questions }) => `    ${name}: ${questions.map(({ name }) => name).join(', ')}`).join('\n')}
  --quick      does the least work that shows that the benchmarks work, and writes nothing; also --short
  --nightly    asks those questions of a page, too, that take long
  --only PART  asks one question: 'simulation --only flood' is 'simulation-flood'
  --render     measures nothing: writes the pages and their charts from bench/results`

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    short: { type: 'boolean', default: false },
    nightly: { type: 'boolean', default: false },
    only: { type: 'string' },
    render: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false }
  }
})
const quick = options.quick || options.short
const names = options.only ? [`${positionals[0] ?? pages[0]!.name}-${options.only}`] : positionals

interface Asked {
  readonly page: Page
  readonly question: Question
}

await main()

async function main(): Promise<void> {
  const known = new Set(pages.flatMap(({ name, questions }) => [name, ...questions.map(({ name }) => name)]))
  const unknown = names.filter((name) => !known.has(name))
  if (unknown.length > 0) {
    console.error(`There is no question called ${unknown.join(', ')}.\n`)
    process.exitCode = 2
  }
  if (options.help || unknown.length > 0) return console.log(USAGE)
  if (!options.render) await askAll(chosen())
  if (quick) return
  for (const page of pages) await writePage(page)
}

function chosen(): Asked[] {
  const wanted = new Set(names.length > 0 ? names : [pages[0]!.name])
  return pages.flatMap((page) => {
    const isWanted = ({ name, isNightly }: Question) =>
      wanted.has(name) || (wanted.has(page.name) && (!isNightly || options.nightly))
    return page.questions.filter(isWanted).map((question) => ({ page, question }))
  })
}

async function askAll(waiting: Asked[]): Promise<void> {
  // Questions that are asked at the same time slow one another, which only matters where figures are kept or judged.
  const isSideBySide = quick && !waiting.some(({ page }) => page.isStrict)
  const lane = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await ask(next)
  }
  await Promise.all(Array.from({ length: isSideBySide ? availableParallelism() : 1 }, lane))
}

async function ask({ page, question }: Asked): Promise<void> {
  const { id, name, asks } = question
  const started = performance.now()
  const answer = await question.measure({ quick, progress: (what) => progress(`${name}: ${what}`) })
  progress('')
  const seconds = ((performance.now() - started) / 1_000).toFixed(1)
  console.log(`${id} ${name}: ${asks} (${seconds} s)`)
  const isJudged = !quick || page.isStrict === true
  for (const target of answer.targets) console.log(`  ${line(target, isJudged)}`)
  if (page.isStrict && !answer.targets.every(isReached)) process.exitCode = 1
  if (!quick) await save(question, answer, await environment())
}

function line(target: Target, isJudged: boolean): string {
  const { what, value, unit, atMost, atLeast } = target
  const bound = atMost === undefined ? `≥ ${atLeast}` : `≤ ${atMost}`
  const verdict = isReached(target) ? 'ok    ' : 'MISSED'
  return `${isJudged ? verdict : '      '} ${what}: ${Number(value.toPrecision(3))} ${unit} (${bound})`
}

/** Writes one line that the next call replaces, where stderr is a terminal. */
function progress(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${what && `  ${what}`}`)
}
