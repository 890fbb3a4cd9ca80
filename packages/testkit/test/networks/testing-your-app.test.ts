import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runNode } from '../support/child.js'

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url))
const DOCUMENT = readFileSync(new URL('../../../../docs/testing-your-app.md', import.meta.url), 'utf8')
const require = createRequire(import.meta.url)
/** The blocks that begin with the name of a file. */
const files = new Map(blocks('js|ts').map((block) => [/^\/\/ (\S+)\n/.exec(block)?.[1] ?? block, block]))

describe('docs/testing-your-app.md', () => {
  let directory: string

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'testing-your-app-'))
    for (const [name, block] of files) await writeFile(join(directory, name), block)
    await writeFile(join(directory, 'package.json'), '{ "type": "module" }')
    await install('@basestore/testkit', PACKAGE)
    for (const name of ['vitest', 'mocha']) await install(name, directoryOf(name))
  })

  afterAll(() => rm(directory, { recursive: true, force: true }))

  test('its tests pass, one after the other in one process', async () => {
    await writeFile(
      join(directory, 'tests.js'),
      "await import('./chat.test.js')\nawait import('./away.test.js')\n"
    )
    const { code, stdout } = await run('--test-reporter=tap', 'tests.js')
    expect(stdout).toMatch(/^# pass 2$/m)
    expect(stdout).toMatch(/^ok 1 - everyone reads what a guest says$/m)
    expect(stdout).toMatch(/^ok 2 - a guest who was away catches up/m)
    expect(code).toBe(0)
  })

  test('the test of its chat has 20 lines at most', () => {
    const lines = files.get('chat.test.js')!.trimEnd().split('\n').slice(1)
    expect(lines.length).toBeLessThanOrEqual(20)
  })

  test.each(['unheard.js', 'apart.js'])('%s fails with the message that follows it', async (name) => {
    const [, message] = /^```\n(Timed out: .*?)^```/ms.exec(
      DOCUMENT.slice(DOCUMENT.indexOf(files.get(name)!))
    )!
    const { code, stderr } = await run(name)
    expect(code).toBe(1)
    expect(withoutKeys(stderr)).toContain(`Error: ${withoutKeys(message!)}`)
  })

  test('its test for vitest passes', async () => {
    const { code, stdout } = await run(
      join(directoryOf('vitest'), 'vitest.mjs'),
      'run',
      'chat.vitest.test.ts'
    )
    expect(stdout).toContain('1 passed')
    expect(code).toBe(0)
  })

  test('its test for mocha passes', async () => {
    const { code, stdout } = await run(join(directoryOf('mocha'), 'bin/mocha.js'), 'chat.mocha.cjs')
    expect(stdout).toContain('1 passing')
    expect(code).toBe(0)
  })

  // tests/ runs the program over Hyperswarm, with the programs of the other documents.
  test('has no other programs', () => {
    const runHere = [
      'chat.test.js',
      'away.test.js',
      'unheard.js',
      'apart.js',
      'chat.vitest.test.ts',
      'chat.mocha.cjs'
    ]
    expect(new Set(files.keys())).toEqual(new Set(['chat.js', ...runHere, 'over-hyperswarm.js']))
  })

  function run(...args: string[]) {
    return runNode(args, { cwd: directory, env: { NO_COLOR: '1', FORCE_COLOR: '0' } })
  }

  async function install(name: string, from: string): Promise<void> {
    const to = join(directory, 'node_modules', name)
    await mkdir(dirname(to), { recursive: true })
    await symlink(from, to, 'junction')
  }
})

function blocks(language: string): string[] {
  const fence = new RegExp(`^\`\`\`(?:${language})\\n(.*?)^\`\`\`$`, 'gms')
  return Array.from(DOCUMENT.matchAll(fence), ([, block]) => block as string)
}

function directoryOf(name: string): string {
  return dirname(require.resolve(`${name}/package.json`))
}

/** The keys differ from run to run, but not in their length. */
function withoutKeys(text: string): string {
  return text.replace(/\b[0-9a-f]{8}\b/g, '########')
}
