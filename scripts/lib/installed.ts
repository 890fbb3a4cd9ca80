import { join } from 'node:path'
import { readJson } from './packages.js'
import { mustRun } from './process.js'
import { type Registry, SCOPE } from './registry.js'

const FLAGS = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund']

/** What npm wrote down of an installation, by folder. */
interface Lockfile {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly integrity?: string }>>
}

/** Installs what the package.json in `dir` asks for, with our packages from `registry`. */
export async function installWithNpm(
  dir: string,
  registry: Registry,
  flags: readonly string[] = []
): Promise<void> {
  await registry.use(dir)
  await mustRun('npm', ['install', ...FLAGS, ...flags], { cwd: dir })
}

/** One sentence for each package under our scope that npm did not take from our tarballs. */
export async function foreignPackages(dir: string, registry: Registry): Promise<string[]> {
  const { packages } = await readJson<Lockfile>(join(dir, 'package-lock.json'))
  const found: string[] = []
  for (const [path, { version, integrity }] of Object.entries(packages)) {
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
    if (!path.includes('node_modules/') || !name.startsWith(`${SCOPE}/`)) continue
    if (integrity !== registry.integrities.get(name)) found.push(`${name}@${version} is not ours`)
  }
  return found
}
