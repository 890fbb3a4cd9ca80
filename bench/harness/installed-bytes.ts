import { existsSync, realpathSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'

interface Manifest {
  readonly name: string
  readonly version: string
  readonly files?: readonly string[]
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** Files that npm publishes even if `files` does not list them. */
const ALWAYS = /^(package\.json|readme.*|licen[cs]e.*)$/i

/**
 * The bytes on disk of a package and of all that it depends on. Packages of this repository count with the files that
 * are published, others with all files that are installed.
 *
 * @param name a package that the bench workspace has
 * @param counted packages that were counted before, as `name@version`; this one and its dependencies are added
 * @param from the folder whose `node_modules` are searched first
 * @returns the bytes of the packages that were not counted before
 */
export async function installedBytes(
  name: string,
  counted: Set<string>,
  from = import.meta.dirname
): Promise<number> {
  const folder = folderOf(name, from)
  if (!folder) return 0 // an optional dependency, such as the native part for another system
  const manifest: Manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  const id = `${name}@${manifest.version}`
  if (counted.has(id)) return 0
  counted.add(id)
  const ours = name.startsWith('@basestore/')
  let bytes = ours ? await publishedBytes(folder, manifest.files ?? []) : await bytesIn(folder)
  for (const dependency of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })) {
    bytes += await installedBytes(dependency, counted, folder)
  }
  return bytes
}

function folderOf(name: string, from: string): string | null {
  const folder = join(from, 'node_modules', name)
  if (existsSync(join(folder, 'package.json'))) return realpathSync(folder)
  const parent = dirname(from)
  return parent === from ? null : folderOf(name, parent)
}

async function publishedBytes(folder: string, files: readonly string[]): Promise<number> {
  let bytes = 0
  for (const name of await readdir(folder)) {
    if (ALWAYS.test(name)) bytes += (await stat(join(folder, name))).size
    else if (files.includes(name)) bytes += await bytesIn(join(folder, name))
  }
  return bytes
}

/** The size of a file, or of all files of a folder. */
async function bytesIn(folder: string): Promise<number> {
  const itself = await stat(folder)
  if (itself.isFile()) return itself.size
  let bytes = 0
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name)
    if (entry.isFile() && !path.slice(folder.length).includes('node_modules'))
      bytes += (await stat(path)).size
  }
  return bytes
}
