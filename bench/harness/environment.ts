import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { cpus, totalmem } from 'node:os'

/** The machine, and the versions of what ran on it, for the top of a page. */
export interface Environment {
  readonly node: string
  readonly cpu: string
  readonly memory: string
  readonly versions: Readonly<Record<string, string>>
}

const PACKAGES = ['hyperswarm', 'hyperdht', 'corestore', 'hypercore', 'protomux', '@hyperswarm/secret-stream']

export async function environment(): Promise<Environment> {
  const { resolve } = createRequire(import.meta.url)
  const versions: Record<string, string> = {}
  for (const name of PACKAGES) {
    versions[name] = JSON.parse(await readFile(resolve(`${name}/package.json`), 'utf8')).version
  }
  return {
    node: process.version,
    cpu: `${cpus().length} × ${cpus()[0]?.model.trim()}`,
    memory: `${Math.round(totalmem() / 1024 ** 3)} GiB`,
    versions
  }
}
