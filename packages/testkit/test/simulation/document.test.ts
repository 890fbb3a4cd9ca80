import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { CHILD_TIMEOUT, runNode } from '../support/child.js'

vi.setConfig({ testTimeout: CHILD_TIMEOUT })

// These run what was built, as users do: build first.
const PACKAGE = fileURLToPath(new URL('../..', import.meta.url))
const COMMAND = join(PACKAGE, 'bin/basestore-sim.js')
const DOCUMENT = readFileSync(new URL('../../../../docs/simulating.md', import.meta.url), 'utf8')
/** The blocks that begin with the name of a file. */
const files = new Map(blocks('js|ts').map((block) => [/^\/\/ (\S+)\n/.exec(block)?.[1] ?? block, block]))
const PROGRAMS = ['first.js', 'seeds.js']
const TESTS = ['partition.test.js', 'crash.test.js', 'discovery.test.js', 'frames.test.js']

describe('docs/simulating.md', () => {
  let directory: string

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'simulating-'))
    for (const [name, block] of files) await writeFile(join(directory, name), block)
    await writeFile(join(directory, 'package.json'), '{ "type": "module" }')
    const link = join(directory, 'node_modules/@basestore/testkit')
    await mkdir(dirname(link), { recursive: true })
    await symlink(PACKAGE, link, 'junction')
  })

  afterAll(() => rm(directory, { recursive: true, force: true }))

  test.each(PROGRAMS)('%s prints what follows it', async (name) => {
    const program = files.get(name)!
    const after = DOCUMENT.slice(DOCUMENT.indexOf(program) + program.length)
    const [, expected] = /^```\n\n```\n(.*?\n)```/s.exec(after)!
    expect(await run(name)).toEqual({ code: 0, signal: null, stdout: expected, stderr: '' })
  })

  test('its tests pass', async () => {
    const { code, stdout } = await run('--test', '--test-reporter=tap', ...TESTS)
    expect(stdout).toMatch(new RegExp(`^# pass ${TESTS.length}$`, 'm'))
    expect(code).toBe(0)
  })

  test('its commands do what it says', async () => {
    const lines = blocks('sh').flatMap((block) => block.trimEnd().split('\n'))
    expect(lines).toHaveLength(4)
    const outcomes = []
    for (const line of lines) {
      const quick = line.replace('--seeds 500', '--seeds 2').replace('--twice 0.1', '--twice 1')
      outcomes.push(await run(COMMAND, ...quick.replace('npx basestore-sim ', '').split(' ')))
    }
    const [first, , explored, compared] = outcomes
    expect(first!.stdout).toMatch(/^ok {2}chaos, seed 42\n/)
    expect(explored!.stdout).toMatch(/^2 of 2 seeds passed .*; 2 ran twice, 0 differed/m)
    expect(compared!.stdout).toMatch(/^the traces differ at event \d+/)
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0, 1])
    expect(await readFile(join(directory, 'picture.html'), 'utf8')).toMatch(/^<!doctype html>/i)
  })

  test('has no other programs', () => {
    expect(new Set(files.keys())).toEqual(new Set([...PROGRAMS, ...TESTS, 'chaos.ts']))
  })

  function run(...args: string[]) {
    return runNode(args, { cwd: directory, env: { NO_COLOR: '1', FORCE_COLOR: '0' } })
  }
})

function blocks(language: string): string[] {
  const fence = new RegExp(`^\`\`\`(?:${language})\\n(.*?)^\`\`\`$`, 'gms')
  return Array.from(DOCUMENT.matchAll(fence), ([, block]) => block as string)
}
