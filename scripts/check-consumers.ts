// Installs the packed packages as users would, and runs or type-checks a program that uses them all.
//
// Each consumer is copied out of the workspace first. Half of them are installed by npm, half by pnpm: npm finds
// what hoisting breaks, pnpm what only hoisting lets work.
import { createHash } from 'node:crypto'
import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { installWithNpm } from './lib/installed.js'
import { pack, publicPackages, readJson, root, withTempDir } from './lib/packages.js'
import { mapLimit, mustRun, pnpm } from './lib/process.js'
import { type Registry, SCOPE, serveRegistry } from './lib/registry.js'

const TSC = ['node_modules/typescript/bin/tsc', '-p', '.']
const CONSUMERS: readonly Consumer[] = [
  { name: 'consumer-esm', install: installWithNpm, program: ['main.js'] },
  { name: 'consumer-cjs', install: installWithPnpm, program: ['main.js'] },
  { name: 'consumer-ts-nodenext', install: installWithPnpm, program: TSC },
  { name: 'consumer-ts-bundler', install: installWithNpm, program: TSC }
]

/** Milliseconds. A program that hangs after its work is a finding as well. */
const PROGRAM_TIMEOUT = 120_000

interface Consumer {
  /** The name of its folder. */
  readonly name: string
  install(dir: string, registry: Registry): Promise<void>
  /** Arguments of Node. */
  readonly program: readonly string[]
}

const packages = await publicPackages()
const results = await withTempDir(async (temp) => {
  const tarballs = await mapLimit(packages, 2, (pkg) => pack(pkg, join(temp, 'packed')))
  await using registry = await serveRegistry(tarballs)
  return await mapLimit(CONSUMERS, 2, (consumer) => tryOut(consumer, registry, temp))
})
process.exitCode = results.every(Boolean) ? 0 : 1

async function tryOut(
  { name, install, program }: Consumer,
  registry: Registry,
  temp: string
): Promise<boolean> {
  const start = performance.now()
  try {
    const dir = join(temp, name)
    await cp(join(root, 'tests/consumers', name), dir, { recursive: true })
    await askForOurs(dir)
    await install(dir, registry)
    await assertOurs(dir)
    await mustRun(process.execPath, program, { cwd: dir, timeout: PROGRAM_TIMEOUT })
    console.log(`ok   ${name} (${seconds(start)})`)
    return true
  } catch (error) {
    console.log(`FAIL ${name} (${seconds(start)})\n${(error as Error).message}`)
    return false
  }
}

/** A consumer asks for every package of ours, by the range that npm would write for it. */
async function askForOurs(dir: string): Promise<void> {
  const path = join(dir, 'package.json')
  const manifest = await readJson<{ dependencies: Record<string, string> }>(path)
  for (const { manifest: ours } of packages) manifest.dependencies[ours.name] = `^${ours.version}`
  await writeFile(path, JSON.stringify(manifest))
}

async function installWithPnpm(dir: string, registry: Registry): Promise<void> {
  await registry.use(dir)
  const [command, ...args] = pnpm()
  const flags = ['--ignore-workspace', '--ignore-scripts', '--prefer-offline', '--no-lockfile']
  await mustRun(command, [...args, 'install', ...flags], { cwd: dir })
}

/** One copy of each package, and it is the packed one, not one that the public registry had. */
async function assertOurs(dir: string): Promise<void> {
  const entries = await readdir(join(dir, 'node_modules'), { recursive: true, withFileTypes: true })
  const copies = entries.filter(
    (entry) => entry.isDirectory() && /node_modules[\\/]@basestore$/.test(entry.parentPath)
  )
  for (const { dir: source, manifest } of packages) {
    const name = manifest.name.slice(SCOPE.length + 1)
    const [copy, ...others] = copies.filter((entry) => entry.name === name)
    if (!copy || others.length > 0)
      throw new Error(`${copy ? others.length + 1 : 0} copies of ${manifest.name} were installed, not 1`)
    const [installed, built] = await Promise.all(
      [join(copy.parentPath, name), source].map((path) => hash(join(path, 'dist/index.cjs')))
    )
    if (installed !== built) throw new Error(`${manifest.name} was not installed from its tarball`)
  }
}

async function hash(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
}

function seconds(start: number): string {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`
}
