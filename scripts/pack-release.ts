// Packs what a release publishes, into release/: the tarballs whose versions the registry lacks, and for each of them
// what it depends on, as an SBOM in CycloneDX's format. release/publish.txt lists the tarballs, dependencies first.
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { type Package, pack, publicPackages, root, withTempDir } from './lib/packages.js'
import { mapLimit, run } from './lib/process.js'
import { serveRegistry } from './lib/registry.js'
import { sbomOf } from './lib/sbom.js'

const FOLDER = join(root, 'release')

await rm(FOLDER, { recursive: true, force: true })
await mkdir(FOLDER)
const packages = dependenciesFirst(await publicPackages())
const published = await mapLimit(packages, 4, isPublished)
const files = await withTempDir(async (temp) => {
  const tarballs = await mapLimit(packages, 2, (pkg) => pack(pkg, temp))
  await using registry = await serveRegistry(tarballs)
  const missing = tarballs.filter((_, index) => !published[index])
  return await mapLimit(missing, 2, async (tarball) => {
    const file = basename(tarball)
    await copyFile(tarball, join(FOLDER, file))
    await writeFile(join(FOLDER, file.replace(/tgz$/, 'cdx.json')), await sbomOf(tarball, registry, temp))
    return file
  })
})
await writeFile(join(FOLDER, 'publish.txt'), files.map((file) => `${file}\n`).join(''))
console.log(`${files.length} of ${packages.length} packages to publish, in ${relative(root, FOLDER)}`)

async function isPublished({ manifest: { name, version } }: Package): Promise<boolean> {
  const { code, stdout, output } = await run('npm', ['view', `${name}@${version}`, 'version'])
  if (code !== 0 && !output.includes('E404'))
    throw new Error(`npm view ${name} ended with ${code}\n${output}`)
  return stdout.trim() === version
}

function dependenciesFirst(packages: readonly Package[]): Package[] {
  const sorted = new Set<Package>()
  const visit = (pkg: Package): void => {
    if (sorted.has(pkg)) return
    const needs = { ...pkg.manifest.dependencies, ...pkg.manifest.peerDependencies }
    for (const other of packages) if (other !== pkg && Object.hasOwn(needs, other.manifest.name)) visit(other)
    sorted.add(pkg)
  }
  packages.forEach(visit)
  return [...sorted]
}
