import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { chart } from './chart.js'
import type { Page, Question, Series, Target } from './question.js'
import { load, type Result } from './results.js'
import { isReached, summarize } from './statistics.js'

const DOCS = new URL('../../docs/', import.meta.url)
const CHARTS = 'benchmarks'
/** Folders of contenders whose own package.json pins what they run on. */
const FOLDERS = { '1.x': 'networker-1', libp2p: 'libp2p' } as const

type Answered = readonly [Question, Result]

/** Writes a page of `docs/` and its charts, from `bench/results`. */
export async function writePage(page: Page): Promise<void> {
  const all = await answered(page)
  const charts = new URL(`${CHARTS}/`, DOCS)
  await mkdir(charts, { recursive: true })
  for (const [{ name }, result] of all) {
    if (hasChart(result)) await writeFile(new URL(`${name}.svg`, charts), await chart(result))
  }
  await writeFile(new URL(page.file, DOCS), await markdown(page, all))
}

/** The questions that were ever measured, in the order of the page. */
async function answered({ questions }: Page): Promise<Answered[]> {
  const all: Answered[] = []
  for (const question of questions) {
    const result = await load(question)
    if (result) all.push([question, result])
  }
  return all
}

async function markdown({ title, intro }: Page, all: readonly Answered[]): Promise<string> {
  const versions = [...machines(all), ...(await contenders(all))].map((line) => `- ${line}`)
  return `${[`# ${title}`, ...intro, versions.join('\n'), summary(all), ...all.map(section)].join('\n\n')}\n`
}

/** A line for each machine with its versions, and the questions that were measured on it where there are several. */
function machines(all: readonly Answered[]): string[] {
  const groups = new Map<string, string[]>()
  for (const [{ id }, { environment }] of all) {
    const { node, cpu, memory } = environment
    const line = `Node ${node}, ${cpu}, ${memory}; ${versions(environment.versions)}`
    groups.set(line, [...(groups.get(line) ?? []), id])
  }
  return [...groups].map(([line, ids]) => `${groups.size > 1 ? `${ids.join(', ')}: ` : ''}${line}`)
}

/** A line for each contender of the page that has a folder of its own, with what it runs on. */
async function contenders(all: readonly Answered[]): Promise<string[]> {
  const compared = new Set(all.flatMap(([, { series }]) => series.map(({ contender }) => contender)))
  const lines = Object.entries(FOLDERS).map(async ([contender, folder]) => {
    if (!compared.has(contender as keyof typeof FOLDERS)) return []
    const manifest = new URL(`../contenders/${folder}/package.json`, import.meta.url)
    const { dependencies } = JSON.parse(await readFile(manifest, 'utf8'))
    return [`${contender}: ${versions(dependencies)}`]
  })
  return (await Promise.all(lines)).flat()
}

function versions(packages: Readonly<Record<string, string>>): string {
  return Object.entries(packages)
    .map((entry) => entry.join(' '))
    .join(', ')
}

function summary(all: readonly Answered[]): string {
  const rows = all.flatMap(([{ id, asks }, { targets }]) =>
    targets.map((target) => `| ${id} | ${asks} | ${targetCells(target)} |`)
  )
  return `| | question | target | to reach | measured | reached |\n| --- | --- | --- | --- | --- | --- |\n${rows.join('\n')}`
}

function targetCells(target: Target): string {
  const { what, value, spread, unit, atMost, atLeast } = target
  const bound = atMost === undefined ? `≥ ${number(atLeast!)}` : `≤ ${number(atMost)}`
  const measured = `${number(value)} ${unit}${spread ? ` (${spread.map(number).join(' to ')})` : ''}`
  return `${what} | ${bound} ${unit} | ${measured} | ${isReached(target) ? 'yes' : '**no**'}`
}

function section([question, result]: Answered): string {
  const { id, name, asks, how } = question
  return [
    `## ${id}: ${asks}`,
    how,
    seriesTable(result.series),
    ...(result.remarks ?? []),
    ...(hasChart(result) ? [`![${asks}](${CHARTS}/${name}.svg)`] : []),
    `Measured on ${result.date}: \`pnpm bench ${name}\`.`
  ].join('\n\n')
}

function hasChart({ growth }: Result): boolean {
  return growth.length > 0
}

function seriesTable(series: readonly Series[]): string {
  const rows = series.map(({ contender, what, unit, samples }) => {
    const { median, low, high } = summarize(samples)
    return `| ${what} | ${contender} | ${number(median)} ${unit} | ${number(low)} to ${number(high)} | ${samples.length} |`
  })
  return `| measured | contender | median | spread | trials |\n| --- | --- | --- | --- | --- |\n${rows.join('\n')}`
}

function number(value: number): string {
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en')
  return String(Number(value.toPrecision(3)))
}
