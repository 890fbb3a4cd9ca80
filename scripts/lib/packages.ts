import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mustRun, pnpm } from './process.js'

export const root = fileURLToPath(new URL('../../', import.meta.url))

/** What the scripts read of a package.json. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly exports: Readonly<Record<string, string | Entry>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly scripts?: { readonly test?: string }
}

interface Entry {
  /** Missing where there are declarations only. */
  readonly import?: { readonly types: string; readonly default: string }
}

/** A package that is published. */
export interface Package {
  /** Absolute path of its folder. */
  readonly dir: string
  readonly manifest: Manifest
}

/** What a package exports under one path: `.` or, for example, `./transport`. */
export interface EntryPoint {
  /** What users import, for example `@basestore/networker/transport`. */
  readonly specifier: string
  /** Absolute path of its built ES module. */
  readonly module: string
  /** Absolute path of that module's declarations. */
  readonly types: string
}

/** Each folder under packages/, by name. */
export async function publicPackages(): Promise<Package[]> {
  const entries = await readdir(join(root, 'packages'), { withFileTypes: true })
  const dirs = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(root, 'packages', name))
  return Promise.all(
    dirs.sort().map(async (dir) => ({ dir, manifest: await readJson<Manifest>(join(dir, 'package.json')) }))
  )
}

export function entryPoints({ dir, manifest }: Package): EntryPoint[] {
  const found: EntryPoint[] = []
  for (const [path, entry] of Object.entries(manifest.exports)) {
    if (typeof entry === 'string' || !entry.import) continue
    found.push({
      specifier: join(manifest.name, path),
      module: join(dir, entry.import.default),
      types: join(dir, entry.import.types)
    })
  }
  return found
}

/** The last part of a package's name, which is that of no other package of ours. */
export function shortName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1)
}

/** Packs a package as `pnpm publish` would, into a folder of its own in `target`. @returns the tarball's path */
export async function pack({ dir, manifest }: Package, target: string): Promise<string> {
  const [command, ...args] = pnpm()
  const into = join(target, shortName(manifest.name))
  await mkdir(into, { recursive: true })
  await mustRun(command, [...args, 'pack', '--pack-destination', into], { cwd: dir })
  const [tarball] = await readdir(into)
  return join(into, tarball!)
}

/** Calls `work` with a temporary folder, and removes the folder afterwards. */
export async function withTempDir<T>(work: (dir: string) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'basestore-'))
  try {
    return await work(dir)
  } finally {
    await rm(dir, { recursive: true, force: true, maxRetries: 3 })
  }
}

export async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(path, 'utf8')) as T
}
