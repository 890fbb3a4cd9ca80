import { basename, join } from 'node:path'
import { build } from 'esbuild'
import { publicPackages } from './packages.mjs'

export const KIB = 1024

/** What we want, in bytes. The testkit never leaves the tests, so it has no goal. */
const GOALS = {
  '@basestore/networker': 25 * KIB,
  '@basestore/extensions': 6 * KIB,
  '@basestore/transport-hyperswarm': 12 * KIB,
  '@basestore/transport-memory': 12 * KIB
}

/** Where the goal is not reached: what is, so that it does not grow. */
const LIMITS = {
  ...GOALS,
  '@basestore/extensions': 9.75 * KIB,
  '@basestore/transport-memory': 39 * KIB // it simulates whole networks, for tests
}

/**
 * What each package adds to its users' programs, `{ name, dir, bytes, goal, limit }`: its own built code, minified,
 * without its dependencies. Goal and limit are Infinity where there is none.
 */
export async function minifiedPackages() {
  const packages = await publicPackages()
  return Promise.all(
    packages.map(async ({ dir, manifest }) => ({
      name: manifest.name,
      dir,
      bytes: await minifiedBytes(dir, manifest),
      goal: GOALS[manifest.name] ?? Number.POSITIVE_INFINITY,
      limit: LIMITS[manifest.name] ?? Number.POSITIVE_INFINITY
    }))
  )
}

/** All entry points together; code that they share counts once. */
async function minifiedBytes(dir, manifest) {
  const entryPoints = Object.values(manifest.exports)
    .filter((entry) => typeof entry === 'object')
    .map((entry) => join(dir, entry.import.default))
  const { outputFiles } = await minify(dir, entryPoints)
  return outputFiles.reduce((sum, { contents }) => sum + contents.byteLength, 0)
}

/** What each file of a package has of that, `{ name, bytes }`, the largest first. */
export async function minifiedModules(dir) {
  const { metafile } = await minify(dir, [join(dir, 'src/index.ts')])
  const bytes = new Map()
  for (const { inputs } of Object.values(metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const name = basename(path, '.ts')
      bytes.set(name, (bytes.get(name) ?? 0) + bytesInOutput)
    }
  }
  return Array.from(bytes, ([name, bytes]) => ({ name, bytes })).sort((a, b) => b.bytes - a.bytes)
}

function minify(dir, entryPoints) {
  return build({
    entryPoints,
    bundle: true,
    splitting: true,
    minify: true,
    metafile: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    logLevel: 'error',
    outdir: dir
  })
}
