import { readdir, readFile } from 'node:fs/promises'
import { basename, join, relative, sep } from 'node:path'
import { publicPackages, root } from '../lib/packages.js'

const MAP = join(root, 'docs/architecture.md')

/** The source files that docs/architecture.md does not name, neither by themselves nor by their folder. */
export async function unmapped(): Promise<string[]> {
  const text = await readFile(MAP, 'utf8')
  const missing: string[] = []
  for (const { dir } of await publicPackages()) {
    const name = basename(dir)
    const [, section = ''] = text.split(`### \`packages/${name}\`\n`)
    const [table = ''] = section.split('\n#')
    const named = new Set(Array.from(table.matchAll(/`([\w./-]+)`/g), ([, path]) => path))
    for (const file of await sourcesOf(join(dir, 'src'))) {
      if (!named.has(file) && !foldersOf(file).some((folder) => named.has(folder))) {
        missing.push(`${relative(root, MAP)} does not name packages/${name}/src/${file}`)
      }
    }
  }
  return missing
}

async function sourcesOf(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true })
  return entries.map((entry) => entry.split(sep).join('/')).filter((file) => file.endsWith('.ts'))
}

/** `a/`, `a/b/` of `a/b/c.ts`. */
function foldersOf(file: string): string[] {
  const parts = file.split('/').slice(0, -1)
  return parts.map((_, index) => `${parts.slice(0, index + 1).join('/')}/`)
}
