import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import ts from 'typescript'
import { publicPackages, root } from '../lib/packages.js'

/** Lines, with blank ones and comments: Biome's rules count a comment of many lines as one. */
const MAX_FILE = 250
const MAX_FUNCTION = 50

/** Files and functions of the packages' src that are too long. */
export async function tooLong(): Promise<string[]> {
  const found: string[] = []
  for (const { dir } of await publicPackages()) {
    const files = await readdir(join(dir, 'src'), { recursive: true, withFileTypes: true })
    for (const file of files.filter((entry) => entry.isFile())) {
      const path = join(file.parentPath, file.name)
      found.push(...check(relative(root, path), await readFile(path, 'utf8')))
    }
  }
  return found
}

function check(path: string, text: string): string[] {
  const lines = text.trimEnd().split('\n').length
  const found = lines > MAX_FILE ? [`${path} has ${lines} lines, more than ${MAX_FILE}`] : []
  if (!path.endsWith('.ts')) return found
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest)
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node)) found.push(...checkFunction(node, source))
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

function checkFunction(node: ts.SignatureDeclaration, source: ts.SourceFile): string[] {
  const [first, last] = [node.getStart(source), node.end].map(
    (position) => source.getLineAndCharacterOfPosition(position).line
  )
  const lines = last! - first! + 1
  if (lines <= MAX_FUNCTION) return []
  const name = node.name ? `${node.name.getText(source)}()` : 'a function'
  return [`${source.fileName}:${first! + 1}: ${name} has ${lines} lines, more than ${MAX_FUNCTION}`]
}
