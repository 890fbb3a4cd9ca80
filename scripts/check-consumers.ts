// Installs the packed packages as users would, and runs or type-checks a program that uses them all.
//
// Each fixture is copied out of the workspace first. Half of them are installed by npm, half by pnpm: npm finds
// what hoisting breaks, pnpm what only hoisting lets work.
import { createHash } from 'node:crypto'
import { copyFile, cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pack, publicPackages, readJson, root, withTempDir } from './lib/packages.mjs'
import { mapLimit, mustRun, pnpm } from './lib/process.mjs'

const TSC = ['node_modules/typescript/bin/tsc', '-p', '.']
const FIXTURES = [
  { name: 'consumer-esm', install: installWithNpm, program: ['main.js'] },
  { name: 'consumer-cjs', install: installWithPnpm, program: ['main.js'] },
  { name: 'consumer-ts-nodenext', install: installWithPnpm, program: TSC },
  { name: 'consumer-ts-bundler', install: installWithNpm, program: TSC }
]

/** Milliseconds. A program that hangs after its work is a finding as well. */
const PROGRAM_TIMEOUT = 120_000

const packages = await publicPackages()
const results = await withTempDir(async (temp) => {
  const tarballs = await mapLimit(packages, 2, (pkg) => pack(pkg, join(temp, 'packed')))
  return mapLimit(FIXTURES, 2, (fixture) => tryOut(fixture, tarballs, temp))
})
process.exitCode = results.every(Boolean) ? 0 : 1

async function tryOut({ name, install, program }, tarballs, temp) {
  const start = performance.now()
  try {
    const dir = join(temp, name)
    await cp(join(root, 'tests/consumers', name), dir, { recursive: true })
    await provide(tarballs, join(dir, 'tarballs'))
    await install(dir)
    await assertOurs(dir)
    await mustRun(process.execPath, program, { cwd: dir, timeout: PROGRAM_TIMEOUT })
    console.log(`ok   ${name} (${seconds(start)})`)
    return true
  } catch (error) {
    console.log(`FAIL ${name} (${seconds(start)})\n${error.message}`)
    return false
  }
}

/** Under the names that the fixtures' package.json refer to. */
async function provide(tarballs, dir) {
  await mkdir(dir)
  const copies = packages.map(({ manifest }, index) =>
    copyFile(tarballs[index], tarballOf(dir, manifest.name))
  )
  await Promise.all(copies)
}

function tarballOf(dir, name) {
  return join(dir, `${name.split('/').at(-1)}.tgz`)
}

async function installWithNpm(dir) {
  // "$name" stands for what the fixture itself asks for.
  await override(dir, (manifest, names) => {
    manifest.overrides = Object.fromEntries(names.map((name) => [name, `$${name}`]))
  })
  const flags = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock']
  await mustRun('npm', ['install', ...flags], { cwd: dir })
}

async function installWithPnpm(dir) {
  await override(dir, (manifest, names) => {
    const tarballs = names.map((name) => [name, `file:${tarballOf(join(dir, 'tarballs'), name)}`])
    manifest.pnpm = { overrides: Object.fromEntries(tarballs) }
  })
  const [command, ...args] = pnpm()
  const flags = ['--ignore-workspace', '--ignore-scripts', '--prefer-offline', '--no-lockfile']
  await mustRun(command, [...args, 'install', ...flags], { cwd: dir })
}

/** Our packages depend on each other by version, and those versions are on no registry yet. */
async function override(dir, change) {
  const path = join(dir, 'package.json')
  const manifest = await readJson(path)
  change(
    manifest,
    packages.map((pkg) => pkg.manifest.name)
  )
  await writeFile(path, JSON.stringify(manifest))
}

/** One copy of each package, and it is the packed one, not one that the registry had. */
async function assertOurs(dir) {
  const entries = await readdir(join(dir, 'node_modules'), { recursive: true, withFileTypes: true })
  const copies = entries.filter(
    (entry) => entry.isDirectory() && /node_modules[\\/]@basestore$/.test(entry.parentPath)
  )
  for (const { dir: source, manifest } of packages) {
    const name = manifest.name.split('/').at(-1)
    const found = copies.filter((entry) => entry.name === name)
    if (found.length !== 1)
      throw new Error(`${found.length} copies of ${manifest.name} were installed, not 1`)
    const [installed, built] = await Promise.all(
      [join(found[0].parentPath, name), source].map((path) => hash(join(path, 'dist/index.cjs')))
    )
    if (installed !== built) throw new Error(`${manifest.name} was not installed from its tarball`)
  }
}

async function hash(path) {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
}

function seconds(start) {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`
}
