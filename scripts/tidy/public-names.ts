import ts from 'typescript'
import { entryPoints, publicPackages, root } from '../lib/packages.js'

/** A declaration, as `file:position`, and where users import it from. */
type Meanings = Map<string, string[]>

/** Names that packages export with two meanings: two declarations, and not one that is exported on. */
export async function namesWithTwoMeanings(): Promise<string[]> {
  const entries = (await publicPackages()).flatMap(entryPoints)
  const { config } = ts.readConfigFile(`${root}tsconfig.base.json`, ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  const program = ts.createProgram(
    entries.map(({ types }) => types),
    { ...options, noEmit: true }
  )
  const names = new Map<string, Meanings>()
  for (const { specifier, types } of entries) {
    for (const [name, meaning] of exportsOf(program, types)) {
      const meanings: Meanings = names.get(name) ?? new Map()
      names.set(name, meanings.set(meaning, [...(meanings.get(meaning) ?? []), specifier]))
    }
  }
  return Array.from(names)
    .filter(([, meanings]) => meanings.size > 1)
    .map(([name, meanings]) => {
      const places = Array.from(meanings.values(), (specifiers) => specifiers.join(' and '))
      return `${name} is one thing in ${places.join(', another in ')}`
    })
}

function* exportsOf(program: ts.Program, file: string): Generator<[name: string, meaning: string]> {
  const checker = program.getTypeChecker()
  const source = program.getSourceFile(file)
  const module = source && checker.getSymbolAtLocation(source)
  if (!module) throw new Error(`${file} exports nothing`)
  for (const symbol of checker.getExportsOfModule(module)) {
    const isAlias = (symbol.flags & ts.SymbolFlags.Alias) !== 0
    const declared = isAlias ? checker.getAliasedSymbol(symbol) : symbol
    const [declaration] = declared.declarations ?? []
    if (!declaration) throw new Error(`${file}: ${symbol.name} is declared nowhere`)
    yield [symbol.name, `${declaration.getSourceFile().fileName}:${declaration.pos}`]
  }
}
