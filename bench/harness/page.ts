import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { chart } from './chart.js'
import type { Question, Series, Target } from './question.js'
import type { Result } from './results.js'
import { isReached, summarize } from './statistics.js'

const DOCS = new URL('../../docs/', import.meta.url)
/** Those with a folder of their own, whose package.json pins what they run on. */
const FOLDERS = { '1.x': 'networker-1', libp2p: 'libp2p' }

/** Writes `docs/benchmarks.md` and a chart for each question that was measured. */
export async function writePage(all: readonly (readonly [Question, Result])[]): Promise<void> {
  const charts = new URL('benchmarks/', DOCS)
  await mkdir(charts, { recursive: true })
  for (const [{ name }, result] of all) await writeFile(new URL(`${name}.svg`, charts), await chart(result))
  await writeFile(new URL('benchmarks.md', DOCS), page(all, await contenders()))
}

/** What the contenders with a folder of their own run on, a line for each. */
async function contenders(): Promise<string> {
  const lines = Object.entries(FOLDERS).map(async ([contender, folder]) => {
    const manifest = new URL(`../contenders/${folder}/package.json`, import.meta.url)
    const { dependencies } = JSON.parse(await readFile(manifest, 'utf8'))
    return `- ${contender}: ${versions(dependencies)}`
  })
  return (await Promise.all(lines)).join('\n')
}

function versions(packages: Readonly<Record<string, string>>): string {
  return Object.entries(packages)
    .map((entry) => entry.join(' '))
    .join(', ')
}

function page(all: readonly (readonly [Question, Result])[], others: string): string {
  return `${[
    '# Benchmarks',
    `Written by \`pnpm bench\` from \`bench/results\`. Absolute times are those of the machine below; what carries over to
yours are the ratios. A spread in brackets is from the lower to the upper quartile. \`pnpm bench NAME\` measures one
question again.`,
    `**ours** is the networker; **raw** is Hyperswarm, Corestore and Protomux of the same versions, wired by hand; **1.x** is
\`@corestore/networker\` with the stack of its time; **libp2p** runs on Node 22, and so do those beside it; **bare** is the layer below alone. They take turns in one run.`,
    `${machines(all)}\n${others}`,
    summary(all),
    ...all.map(section)
  ].join('\n\n')}\n`
}

/** The machine and versions, once for all that were measured alike. */
function machines(all: readonly (readonly [Question, Result])[]): string {
  const groups = new Map<string, string[]>()
  for (const [{ id }, { environment }] of all) {
    const { node, cpu, memory } = environment
    const line = `Node ${node}, ${cpu}, ${memory}; ${versions(environment.versions)}`
    groups.set(line, [...(groups.get(line) ?? []), id])
  }
  return [...groups]
    .map(([line, ids]) => `- ${groups.size > 1 ? `${ids.join(', ')}: ` : ''}${line}`)
    .join('\n')
}

function summary(all: readonly (readonly [Question, Result])[]): string {
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

function section([question, result]: readonly [Question, Result]): string {
  const { id, name, asks, how } = question
  return [
    `## ${id}: ${asks}`,
    how,
    seriesTable(result.series),
    ...(result.remarks ?? []),
    `![${asks}](benchmarks/${name}.svg)`,
    `Measured on ${result.date}: \`pnpm bench ${name}\`.`
  ].join('\n\n')
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
