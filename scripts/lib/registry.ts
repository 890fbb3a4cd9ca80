import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Manifest } from './packages.js'
import { mustRun } from './process.js'

/** The scope of all our packages. */
export const SCOPE = '@basestore'

/** Which name the public registry has from before us, and the version that it has. */
const TAKEN = { name: '@basestore/networker', version: '1.0.3' }

/** A registry on loopback for our packages, with what the public one has under our scope beside them. */
export interface Registry extends AsyncDisposable {
  readonly url: string
  /** Of each of our tarballs, as npm writes it into a lockfile. */
  readonly integrities: ReadonlyMap<string, string>
  /** Lets npm or pnpm take everything under our scope, and no more, from here, in this folder. */
  use(dir: string): Promise<void>
}

interface Release {
  readonly manifest: Manifest
  readonly bytes: Buffer
}

/**
 * Serves tarballs as the registry will once they are published: a range that the public registry would answer with
 * the old module gets that answer here, too.
 */
export async function serveRegistry(tarballs: readonly string[]): Promise<Registry> {
  const releases = new Map<string, Release>()
  for (const tarball of tarballs) {
    const release = await readRelease(tarball)
    releases.set(release.manifest.name, release)
  }
  const integrities = new Map(
    Array.from(releases, ([name, { bytes }]) => [name, integrityOf(bytes).integrity])
  )
  // A path of its own: npm and pnpm keep answers by URL, and a port may come again.
  const path = `/${randomUUID()}/`
  const server = createServer(({ url = '' }, response) => {
    const { name, file } = parse(decodeURIComponent(url.slice(path.length)))
    const release = releases.get(name)
    if (release && !file) {
      response.end(JSON.stringify(packument(release, origin(server, path))))
    } else if (release && file === tarballName(release.manifest)) {
      response.end(release.bytes)
    } else {
      response.writeHead(404).end()
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = origin(server, path)
  return {
    url,
    integrities,
    use: (dir) => writeFile(join(dir, '.npmrc'), `${SCOPE}:registry=${url}\n`),
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    }
  }
}

async function readRelease(tarball: string): Promise<Release> {
  const text = await mustRun('tar', ['-xOzf', tarball, 'package/package.json'])
  return { manifest: JSON.parse(text) as Manifest, bytes: await readFile(tarball) }
}

function origin(server: Server, path: string): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`
}

/** Of `@scope/name`, or `@scope/name/-/name-1.0.0.tgz`. */
function parse(path: string): { name: string; file: string | undefined } {
  const [name, file] = path.split('/-/')
  return { name: name!, file }
}

function tarballName({ name, version }: Pick<Manifest, 'name' | 'version'>): string {
  return `${name.slice(SCOPE.length + 1)}-${version}.tgz`
}

function packument({ manifest, bytes }: Release, url: string): object {
  const { name, version } = manifest
  const ours = { ...manifest, dist: { ...tarballOf(manifest, url), ...integrityOf(bytes) } }
  const taken = { ...TAKEN, dist: { ...tarballOf(TAKEN, url), ...integrityOf(Buffer.alloc(0)) } }
  return {
    name,
    'dist-tags': { latest: version },
    versions: { ...(name === TAKEN.name && { [TAKEN.version]: taken }), [version]: ours }
  }
}

function tarballOf(manifest: Pick<Manifest, 'name' | 'version'>, url: string): { tarball: string } {
  return { tarball: `${url}${manifest.name}/-/${tarballName(manifest)}` }
}

function integrityOf(bytes: Buffer): { integrity: string; shasum: string } {
  return {
    integrity: `sha512-${createHash('sha512').update(bytes).digest('base64')}`,
    shasum: createHash('sha1').update(bytes).digest('hex')
  }
}
