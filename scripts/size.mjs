// What each package adds to its users' programs: its own code, minified, without its dependencies.
import { join } from 'node:path'
import { build } from 'esbuild'
import { publicPackages } from './lib/packages.mjs'

const KIB = 1024

/** In bytes. The testkit never leaves the tests, so it has none. */
const LIMITS = {
  '@basestore/networker': 25 * KIB,
  '@basestore/extensions': 6 * KIB,
  '@basestore/transport-hyperswarm': 12 * KIB,
  '@basestore/transport-memory': 12 * KIB
}

let tooLarge = false
for (const { dir, manifest } of await publicPackages()) {
  const bytes = await measure(dir, manifest)
  const limit = LIMITS[manifest.name] ?? Number.POSITIVE_INFINITY
  const verdict = bytes > limit ? 'TOO LARGE' : ''
  tooLarge ||= bytes > limit
  const bound = Number.isFinite(limit) ? `of ${kib(limit)}` : 'no limit'
  console.log(
    `${manifest.name.padEnd(32)} ${kib(bytes).padStart(8)} KiB  ${bound.padEnd(8)} ${verdict}`.trimEnd()
  )
}
process.exitCode = tooLarge ? 1 : 0

/** All entry points together; code that they share counts once. */
async function measure(dir, manifest) {
  const entryPoints = Object.values(manifest.exports)
    .filter((entry) => typeof entry === 'object')
    .map((entry) => join(dir, entry.import.default))
  const { outputFiles } = await build({
    entryPoints,
    bundle: true,
    splitting: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    outdir: dir
  })
  return outputFiles.reduce((sum, { contents }) => sum + contents.byteLength, 0)
}

function kib(bytes) {
  return (bytes / KIB).toFixed(1)
}
