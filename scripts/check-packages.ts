// Packs every package and looks at the tarballs, which are what users get: publint, attw, the declared
// dependencies, the licence, the README and the source maps. Then npm installs each of them alone.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire, isBuiltin } from 'node:module'
import { join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import ts from 'typescript'
import { foreignPackages, installWithNpm } from './lib/installed.js'
import {
  entryPoints,
  type Manifest,
  type Package,
  pack,
  publicPackages,
  readJson,
  root,
  shortName,
  withTempDir
} from './lib/packages.js'
import { mapLimit, mustRun, run } from './lib/process.js'
import { type Registry, SCOPE, serveRegistry } from './lib/registry.js'

// These ship no types, or types that follow their own version: in our declarations they would be `any` for
// users, an error without skipLibCheck, or a breaking change of ours whenever they have one.
const NOT_IN_TYPES = new Set([
  '@hyperswarm/dht',
  '@hyperswarm/secret-stream',
  'corestore',
  'hypercore',
  'hypercore-id-encoding',
  'hyperdht',
  'hyperswarm',
  'protomux',
  'streamx'
])

/** The importing file's surroundings. */
interface ImportContext {
  readonly declared: Readonly<Record<string, string>>
  /** Whether it is a file of declarations. */
  readonly isTypes: boolean
  /** The package's folder in the workspace. */
  readonly source: string
}

interface SourceMap {
  readonly sources: readonly string[]
  readonly sourcesContent?: readonly (string | null)[]
}

/** Milliseconds for a program that only imports a package: one that hangs is a finding as well. */
const IMPORT_TIMEOUT = 60_000

const packages = await publicPackages()
const manifests = packages.map(({ manifest }) => manifest)
const findings = await withTempDir(async (temp) => {
  const tarballs = await mapLimit(packages, 2, (pkg) => pack(pkg, temp))
  await using registry = await serveRegistry(tarballs)
  return await mapLimit([...packages.entries()], 2, async ([index, pkg]) => [
    ...(await check(pkg, tarballs[index]!, temp)),
    ...(await checkAlone(pkg, registry, temp))
  ])
})
for (const [index, { name }] of manifests.entries()) {
  console.log(`${findings[index]!.length === 0 ? 'ok  ' : 'FAIL'} ${name}`)
  for (const finding of findings[index]!) console.log(`     ${finding.replaceAll('\n', '\n     ')}`)
}
const count = findings.flat().length
console.log(count === 0 ? `${packages.length} packages, no findings` : `${count} findings`)
process.exitCode = count === 0 ? 0 : 1

async function check(pkg: Package, tarball: string, temp: string): Promise<string[]> {
  const dir = join(temp, `${shortName(pkg.manifest.name)}-unpacked`)
  await mkdir(dir)
  await mustRun('tar', ['-xzf', tarball, '-C', dir, '--strip-components=1'])
  const manifest = await readJson<Manifest>(join(dir, 'package.json'))
  const files = (await readdir(dir, { recursive: true })).sort()
  return [
    ...(await lint(tarball, manifest)),
    ...(await checkTypes(tarball)),
    ...checkFiles(files),
    ...checkManifest(manifest),
    ...(await checkImports(dir, files, manifest, pkg.dir)),
    ...(await checkSourceMaps(dir, files))
  ]
}

/** A user installs this package and no other by name. The registry has an older module under one of our names. */
async function checkAlone(pkg: Package, registry: Registry, temp: string): Promise<string[]> {
  const { name, version } = pkg.manifest
  const dir = join(temp, `${shortName(name)}-alone`)
  await mkdir(dir)
  await writeFile(join(dir, 'package.json'), JSON.stringify({ dependencies: { [name]: version } }))
  try {
    await installWithNpm(dir, registry)
  } catch (error) {
    return [`npm cannot install it alone: ${(error as Error).message}`]
  }
  const specifiers = entryPoints(pkg).map(({ specifier }) => specifier)
  return [
    ...(await foreignPackages(dir, registry)),
    ...(await checkProgram(
      dir,
      specifiers.map((specifier) => `await import('${specifier}')`),
      'module'
    )),
    ...(await checkProgram(
      dir,
      specifiers.map((specifier) => `require('${specifier}')`),
      'commonjs'
    ))
  ]
}

async function checkProgram(dir: string, lines: readonly string[], type: string): Promise<string[]> {
  const args = [`--input-type=${type}`, '--eval', lines.join('\n')]
  const { code, output } = await run(process.execPath, args, { cwd: dir, timeout: IMPORT_TIMEOUT })
  return code === 0 ? [] : [`installed alone, ${lines.join('; ')} ended with ${code}: ${output}`]
}

async function lint(tarball: string, manifest: Manifest): Promise<string[]> {
  const bytes = await readFile(tarball)
  const { messages, pkg } = await publint({ pack: { tarball: new Uint8Array(bytes).buffer }, strict: true })
  return messages.map((message) => `publint: ${formatMessage(message, pkg ?? manifest, { color: false })}`)
}

async function checkTypes(tarball: string): Promise<string[]> {
  const bin = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js')
  const flags = ['--profile', 'strict', '--no-definitely-typed', '--format', 'ascii', '--no-emoji']
  const { code, output } = await run(process.execPath, [bin, tarball, ...flags])
  return code === 0 ? [] : [`attw: ${output.trim()}`]
}

function checkFiles(files: readonly string[]): string[] {
  const missing = ['LICENSE', 'README.md', 'dist'].filter((name) => !files.includes(name))
  const surplus = files.filter(
    (file) => !/^(LICENSE|README\.md|CHANGELOG\.md|package\.json|types\.d\.cts|(bin|dist)(\/.*)?)$/.test(file)
  )
  return [
    ...missing.map((file) => `${file} is missing`),
    ...surplus.map((file) => `${file} should not be in it`)
  ]
}

function checkManifest(manifest: Manifest): string[] {
  const ranges = Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies })
  return [
    ...ranges
      .filter(([, range]) => /^(workspace|catalog|link|file):/.test(range))
      .map(([name, range]) => `"${name}": "${range}" means nothing outside of the workspace`),
    // All packages are released together.
    ...ranges
      .filter(([name, range]) => name.startsWith(`${SCOPE}/`) && range !== `^${manifest.version}`)
      .map(([name, range]) => `"${name}": "${range}" should be ^${manifest.version}`)
  ]
}

async function checkImports(
  dir: string,
  files: readonly string[],
  manifest: Manifest,
  source: string
): Promise<string[]> {
  const declared = { ...manifest.dependencies, ...manifest.peerDependencies }
  const found: string[] = []
  for (const file of files.filter((name) => /\.([cm]?js|d\.[cm]?ts)$/.test(name))) {
    const isTypes = /\.d\.[cm]?ts$/.test(file)
    const { importedFiles, typeReferenceDirectives, ambientExternalModules } = ts.preProcessFile(
      await readFile(join(dir, file), 'utf8'),
      true,
      true
    )
    for (const { fileName } of [...importedFiles, ...typeReferenceDirectives]) {
      if (ambientExternalModules?.includes(fileName)) continue // the file declares it
      const reason = refusal(fileName, { declared, isTypes, source })
      if (reason) found.push(`${file} imports "${fileName}", ${reason}`)
    }
  }
  return found
}

function refusal(specifier: string, { declared, isTypes, source }: ImportContext): string | undefined {
  if (specifier.startsWith('.') || isBuiltin(specifier)) return undefined
  const name = packageOf(specifier)
  if (!Object.hasOwn(declared, name)) return 'which is neither a dependency nor a peer dependency'
  if (!isTypes) return undefined
  if (NOT_IN_TYPES.has(name)) return 'whose types must not be part of ours: describe the shape instead'
  return shipsTypes(specifier, source) ? undefined : 'which ships no types'
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

function shipsTypes(specifier: string, source: string): boolean {
  const from = createRequire(join(source, 'package.json')).resolve('./package.json')
  const options = { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext }
  const { resolvedModule } = ts.resolveModuleName(specifier, from, options, ts.sys)
  return resolvedModule !== undefined && /\.d\.[cm]?ts$/.test(resolvedModule.resolvedFileName)
}

// src is not shipped, so a map is of use only when it carries the sources itself.
async function checkSourceMaps(dir: string, files: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const file of files.filter((name) => name.endsWith('.map'))) {
    const { sources, sourcesContent = [] } = await readJson<SourceMap>(join(dir, file))
    const lacking = sources.filter((source, index) => !sourcesContent[index] || !source.startsWith('../src/'))
    if (lacking.length > 0) found.push(`${file} refers to ${lacking.join(', ')}, which users do not have`)
  }
  return found
}
