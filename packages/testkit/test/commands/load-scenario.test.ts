import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadScenario } from '../../src/commands/sim/load-scenario.js'
import { runScenario } from '../../src/simulation/index.js'
import { inDirectory } from '../support/child.js'

/** Loads and runs a scenario as a worker does. */
async function runText(text: string, name = 'scenario.ts') {
  let loaded: Awaited<ReturnType<typeof loadScenario>> | undefined
  await inDirectory(async (directory) => {
    await writeFile(join(directory, name), text)
    loaded = await loadScenario(join(directory, name))
  })
  const { run, options } = loaded!
  return { ...loaded!, report: await runScenario(options, run) }
}

describe('a scenario', () => {
  it.each([
    ['export default 5', 'the default export of scenario.ts must be a function'],
    ['export const run = () => {}', 'the default export of scenario.ts must be a function'],
    [
      'export default (sim) => {\n  const x = ;\n}',
      /^cannot load scenario\.ts: ParseError: .*\n.*scenario\.ts:2:/
    ],
    ["throw new Error('not today')", /^cannot load scenario\.ts: not today\n {2}at .*scenario\.ts:1:/],
    ["import 'not-there'", "cannot load scenario.ts: Cannot find module 'not-there'"],
    [
      'export default () => {}\nexport const options = 5',
      "the export 'options' of scenario.ts must be an object"
    ],
    [
      "export default () => {}\nexport const options = { store: 'disk' }",
      "Invalid option: store must be 'memory' or 'rocksdb'"
    ]
  ])('is refused when it is %j', async (text, message) => {
    const error = await runText(text).catch((reason: Error) => reason)
    expect(error).toBeInstanceOf(Error)
    const shown = (error as Error).message.replaceAll(/\S*\/(?=scenario)/g, '')
    expect(shown).toMatch(message)
    expect(shown).not.toMatch(/dist|node_modules/)
  })

  it.each([
    ['scenario.ts', 'export default (sim) => {}', 'scenario'],
    ['scenario.ts', 'export default function named(sim) {}', 'named'],
    ['scenario.cjs', 'module.exports = async (sim) => {}', 'scenario'],
    ['scenario.mjs', 'export default async (sim) => {}\nexport const options = { seed: 7 }', 'scenario']
  ])('may be in %s as %j', async (file, text, name) => {
    const loaded = await runText(text, file)
    expect(loaded).toMatchObject({ name, report: { ok: true } })
  })
})
