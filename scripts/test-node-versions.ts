// Runs every workspace's tests on several versions of Node, which npx brings along.
//
//   pnpm test:node-versions          on all of scripts/runtimes.json
//   pnpm test:node-versions 22 24    on these
import { delimiter, dirname, join, resolve } from 'node:path'
import { type Manifest, type Package, readJson, root, withTempDir } from './lib/packages.js'
import { mustRun, pnpm, type Run, run } from './lib/process.js'

interface Row {
  readonly node: string
  readonly command: string
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly result: 'ok' | 'FAILED'
}

interface Command {
  readonly name: string
  readonly dir: string
  /** Arguments of vitest. */
  readonly args: readonly string[]
}

/** What this script reads of Vitest's JSON report. */
interface Counts {
  readonly numPassedTests?: number
  readonly numFailedTests?: number
  readonly numPendingTests?: number
}

const asked = process.argv.slice(2)
const runtimes = await readJson<{ node: string[] }>(join(root, 'scripts/runtimes.json'))
const versions = asked.length > 0 ? asked : runtimes.node
const commands = (await allWorkspaces()).flatMap(vitestCommands)
const rows = await withTempDir(async (temp) => {
  const results: Row[] = []
  for (const version of versions) results.push(...(await testOn(version, temp)))
  return results
})
console.table(rows)
process.exitCode = rows.every(({ result }) => result === 'ok') ? 0 : 1

async function allWorkspaces(): Promise<Package[]> {
  const [command, ...args] = pnpm()
  const list = await mustRun(command, [...args, 'list', '--recursive', '--depth', '-1', '--json'], {
    cwd: root
  })
  const dirs = (JSON.parse(list) as { path: string }[])
    .map(({ path }) => path)
    .filter((dir) => dir !== resolve(root))
  return Promise.all(
    dirs.map(async (dir) => ({ dir, manifest: await readJson<Manifest>(join(dir, 'package.json')) }))
  )
}

/** A workspace's `test` script is one vitest command, or several with && between them. */
function vitestCommands({ dir, manifest }: Package): Command[] {
  const script = manifest.scripts?.test
  if (!script) return []
  return script.split(' && ').map((command) => {
    const [program, ...args] = command.split(' ')
    if (program !== 'vitest') throw new Error(`${manifest.name}: expected a vitest command, got ${command}`)
    return { name: `${manifest.name}: ${command}`, dir, args }
  })
}

async function testOn(version: string, temp: string): Promise<Row[]> {
  const node = await findNode(version)
  const actual = (await mustRun(node, ['--version'])).trim()
  const results: Row[] = []
  // One after the other: some tests measure time.
  for (const [index, command] of commands.entries()) {
    const report = join(temp, `${version}-${index}.json`)
    const { code, output } = await vitest(node, command, report)
    if (code !== 0) console.log(output)
    const counts = await readJson<Counts>(report).catch((): Counts => ({}))
    results.push({
      node: actual,
      command: command.name,
      passed: counts.numPassedTests ?? 0,
      failed: counts.numFailedTests ?? 0,
      skipped: counts.numPendingTests ?? 0,
      result: code === 0 ? 'ok' : 'FAILED'
    })
    console.log(`${actual} ${command.name} ${code === 0 ? 'ok' : 'FAILED'}`)
  }
  return results
}

async function findNode(version: string): Promise<string> {
  if (process.versions.node.split('.')[0] === version) return process.execPath
  return (await mustRun('npx', ['-y', '-p', `node@${version}`, '-c', 'node -p process.execPath'])).trim()
}

/** Runs a vitest command with another Node. */
function vitest(node: string, { dir, args }: Command, report: string): Promise<Run> {
  const bin = join(root, 'node_modules/vitest/vitest.mjs')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile=${report}`]
  // Tests that start `node` get the same one.
  const { PATH } = process.env
  const env = { PATH: [dirname(node), PATH].join(delimiter) }
  return run(node, [bin, ...args, ...reporters], { cwd: dir, env })
}
