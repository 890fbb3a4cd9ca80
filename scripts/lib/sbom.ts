import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { installWithNpm } from './installed.js'
import type { Manifest } from './packages.js'
import { mustRun } from './process.js'
import type { Registry } from './registry.js'

const PUBLIC_REGISTRY = 'https://registry.npmjs.org/'

/**
 * What npm would install today for a packed package and its peer dependencies, in CycloneDX's format.
 *
 * @param temp a folder to work in
 */
export async function sbomOf(tarball: string, registry: Registry, temp: string): Promise<string> {
  const text = await mustRun('tar', ['-xOzf', tarball, 'package/package.json'])
  const manifest = JSON.parse(text) as Manifest & { devDependencies?: object }
  delete manifest.devDependencies
  // npm names the main component after its folder and that folder's parent.
  const dir = join(temp, 'sbom', manifest.name)
  await mkdir(dir, { recursive: true })
  await writeFile(join(dir, 'package.json'), JSON.stringify(manifest))
  await installWithNpm(dir, registry, ['--package-lock-only'])
  const flags = ['--package-lock-only', '--sbom-format=cyclonedx', '--sbom-type=library']
  const sbom = await mustRun('npm', ['sbom', ...flags], { cwd: dir })
  return sbom.replaceAll(registry.url, PUBLIC_REGISTRY)
}
