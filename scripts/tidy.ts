// Rules of the whole repository that no test of one package can hold.
//
//   pnpm tidy               all of them
//   pnpm tidy imports       one: imports, reach, lengths, names, links or map
import { join, relative } from 'node:path'
import { publicPackages, root } from './lib/packages.js'
import { run } from './lib/process.js'
import { tooLong } from './tidy/lengths.js'
import { unmapped } from './tidy/map.js'
import { namesWithTwoMeanings } from './tidy/public-names.js'

/** Each returns what it found, or nothing where all is well. */
const RULES: Readonly<Record<string, () => Promise<string>>> = {
  /** No circles, types included, and each package imports only what .dependency-cruiser.mjs allows. */
  imports: async () => {
    const sources = (await publicPackages()).map(({ dir }) => relative(root, join(dir, 'src')))
    return tool('dependency-cruiser/bin/dependency-cruise.mjs', ...sources)
  },
  /** No file that nothing reaches, no dependency that nothing uses, none that is not declared. */
  reach: () => tool('knip/bin/knip.js', '--no-progress', '--no-config-hints'),
  /** No file of a package's src is longer than 250 lines, no function in it longer than 50. */
  lengths: async () => (await tooLong()).join('\n'),
  /** No public name has two meanings. */
  names: async () => (await namesWithTwoMeanings()).join('\n'),
  /** Each relative link of a document leads to a file, and to a heading where it names one. */
  links: () => tool('remark-cli/cli.js', '--frail', '--quiet', '--no-color', '.'),
  /** The architecture page names each source file. */
  map: async () => (await unmapped()).join('\n')
}

const asked = process.argv.slice(2)
for (const name of asked.length > 0 ? asked : Object.keys(RULES)) {
  const rule = RULES[name]
  if (!rule) throw new Error(`there is no rule ${name}, only ${Object.keys(RULES).join(', ')}`)
  const findings = await rule()
  console.log(findings === '' ? `ok   ${name}` : `FAIL ${name}\n${findings.replace(/^/gm, '     ')}`)
  if (findings !== '') process.exitCode = 1
}

/** Runs a command of a devDependency, given by its file within it. */
async function tool(file: string, ...args: string[]): Promise<string> {
  const { code, output } = await run(process.execPath, [join(root, 'node_modules', file), ...args], {
    cwd: root
  })
  return code === 0 ? '' : output.trim()
}
