import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mustRun, pnpm } from './process.mjs'

export const root = fileURLToPath(new URL('../../', import.meta.url))

/** The packages that are published: `{ dir, manifest }` for each folder under packages/. */
export async function publicPackages() {
  const dirs = (await readdir(join(root, 'packages'))).sort().map((name) => join(root, 'packages', name))
  return Promise.all(dirs.map(async (dir) => ({ dir, manifest: await readJson(join(dir, 'package.json')) })))
}

/** Packs a package as `pnpm publish` would, into `target`. @returns the tarball's path */
export async function pack({ dir, manifest }, target) {
  const [command, ...args] = pnpm()
  const into = join(target, manifest.name.split('/').at(-1))
  await mkdir(into, { recursive: true })
  await mustRun(command, [...args, 'pack', '--pack-destination', into], { cwd: dir })
  const [tarball] = await readdir(into)
  return join(into, tarball)
}

/** Calls `work` with a temporary folder, and removes the folder afterwards. */
export async function withTempDir(work) {
  const dir = await mkdtemp(join(tmpdir(), 'basestore-'))
  try {
    return await work(dir)
  } finally {
    await rm(dir, { recursive: true, force: true, maxRetries: 3 })
  }
}

export async function readJson(path) {
  return JSON.parse(await readFile(path, 'utf8'))
}
