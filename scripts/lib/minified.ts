import { basename, join } from 'node:path'
import { type BuildResult, build } from 'esbuild'
import { entryPoints, publicPackages } from './packages.js'
import { KIB, SIZES } from './size-limits.js'

export { KIB }

/** What a package adds to its users' programs: its own built code, minified, without its dependencies. */
export interface MinifiedPackage {
  readonly name: string
  /** Absolute path of its folder. */
  readonly dir: string
  readonly bytes: number
  /** Bytes; Infinity where there is none. */
  readonly goal: number
  /** Bytes. */
  readonly limit: number
}

export interface MinifiedModule {
  readonly name: string
  readonly bytes: number
}

/** @throws Error when a package has no limit */
export async function minifiedPackages(): Promise<MinifiedPackage[]> {
  const packages = await publicPackages()
  return Promise.all(
    packages.map(async (pkg) => {
      const { name } = pkg.manifest
      const size = SIZES[name]
      if (!size) throw new Error(`${name} has no limit: give it one in scripts/lib/size-limits.ts`)
      const { goal = Number.POSITIVE_INFINITY, limit = goal } = size
      // All entry points together: code that they share counts once.
      const entries = entryPoints(pkg).map(({ module }) => module)
      const { outputFiles } = await minify(pkg.dir, entries)
      const bytes = outputFiles.reduce((sum, { contents }) => sum + contents.byteLength, 0)
      return { name, dir: pkg.dir, bytes, goal, limit }
    })
  )
}

/** What each source file of a package has of that, the largest first. */
export async function minifiedModules(dir: string): Promise<readonly MinifiedModule[]> {
  const { metafile } = await minify(dir, [join(dir, 'src/index.ts')])
  const bytes = new Map<string, number>()
  for (const { inputs } of Object.values(metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const name = basename(path, '.ts')
      bytes.set(name, (bytes.get(name) ?? 0) + bytesInOutput)
    }
  }
  return Array.from(bytes, ([name, bytes]) => ({ name, bytes })).sort((a, b) => b.bytes - a.bytes)
}

function minify(dir: string, entryPoints: string[]): Promise<BuildResult<{ metafile: true; write: false }>> {
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
