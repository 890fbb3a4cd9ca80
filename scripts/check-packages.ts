// Packs every package and looks at the tarballs, which are what users get: publint, attw, the declared
// dependencies, the licence, the README and the source maps.
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { createRequire, isBuiltin } from 'node:module'
import { join, relative } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import ts from 'typescript'
import { pack, publicPackages, readJson, root, withTempDir } from './lib/packages.mjs'
import { mapLimit, mustRun, run } from './lib/process.mjs'

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

const packages = await publicPackages()
const findings = await withTempDir((temp) => mapLimit(packages, 2, (pkg) => check(pkg, temp)))
for (const [index, { manifest }] of packages.entries()) {
  console.log(`${findings[index].length === 0 ? 'ok  ' : 'FAIL'} ${manifest.name}`)
  for (const finding of findings[index]) console.log(`     ${finding.replaceAll('\n', '\n     ')}`)
}
const count = findings.flat().length
console.log(count === 0 ? `${packages.length} packages, no findings` : `${count} findings`)
process.exitCode = count === 0 ? 0 : 1

async function check(pkg, temp) {
  const tarball = await pack(pkg, temp)
  const dir = join(temp, `${relative(join(root, 'packages'), pkg.dir)}-unpacked`)
  await mkdir(dir)
  await mustRun('tar', ['-xzf', tarball, '-C', dir, '--strip-components=1'])
  const manifest = await readJson(join(dir, 'package.json'))
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

async function lint(tarball, manifest) {
  const bytes = await readFile(tarball)
  const { messages, pkg } = await publint({ pack: { tarball: new Uint8Array(bytes).buffer }, strict: true })
  return messages.map((message) => `publint: ${formatMessage(message, pkg ?? manifest, { color: false })}`)
}

async function checkTypes(tarball) {
  const bin = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js')
  const args = [
    bin,
    tarball,
    '--profile',
    'strict',
    '--no-definitely-typed',
    '--format',
    'ascii',
    '--no-emoji'
  ]
  const { code, output } = await run(process.execPath, args)
  return code === 0 ? [] : [`attw: ${output.trim()}`]
}

function checkFiles(files) {
  const missing = ['LICENSE', 'README.md', 'dist'].filter((name) => !files.includes(name))
  const surplus = files.filter(
    (file) => !/^(LICENSE|README\.md|CHANGELOG\.md|package\.json|dist(\/.*)?)$/.test(file)
  )
  return [
    ...missing.map((file) => `${file} is missing`),
    ...surplus.map((file) => `${file} should not be in it`)
  ]
}

function checkManifest(manifest) {
  const ranges = Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies })
  return ranges
    .filter(([, range]) => /^(workspace|catalog|link|file):/.test(range))
    .map(([name, range]) => `"${name}": "${range}" means nothing outside of the workspace`)
}

async function checkImports(dir, files, manifest, source) {
  const declared = { ...manifest.dependencies, ...manifest.peerDependencies }
  const found = []
  for (const file of files.filter((name) => /\.([cm]?js|d\.[cm]?ts)$/.test(name))) {
    const isTypes = /\.d\.[cm]?ts$/.test(file)
    const { importedFiles, typeReferenceDirectives } = ts.preProcessFile(
      await readFile(join(dir, file), 'utf8'),
      true,
      true
    )
    for (const { fileName } of [...importedFiles, ...typeReferenceDirectives]) {
      const reason = refusal(fileName, { declared, isTypes, source })
      if (reason) found.push(`${file} imports "${fileName}", ${reason}`)
    }
  }
  return found
}

function refusal(specifier, { declared, isTypes, source }) {
  if (specifier.startsWith('.') || isBuiltin(specifier)) return
  const name = packageOf(specifier)
  if (!Object.hasOwn(declared, name)) return 'which is neither a dependency nor a peer dependency'
  if (!isTypes) return
  if (NOT_IN_TYPES.has(name)) return 'whose types must not be part of ours: describe the shape instead'
  if (!shipsTypes(specifier, source)) return 'which ships no types'
}

function packageOf(specifier) {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

function shipsTypes(specifier, source) {
  const from = createRequire(join(source, 'package.json')).resolve('./package.json')
  const options = { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext }
  const { resolvedModule } = ts.resolveModuleName(specifier, from, options, ts.sys)
  return resolvedModule !== undefined && /\.d\.[cm]?ts$/.test(resolvedModule.resolvedFileName)
}

// src is not shipped, so a map is of use only when it carries the sources itself.
async function checkSourceMaps(dir, files) {
  const found = []
  for (const file of files.filter((name) => name.endsWith('.map'))) {
    const { sources, sourcesContent = [] } = await readJson(join(dir, file))
    const lacking = sources.filter((source, index) => !sourcesContent[index] || !source.startsWith('../src/'))
    if (lacking.length > 0) found.push(`${file} refers to ${lacking.join(', ')}, which users do not have`)
  }
  return found
}
