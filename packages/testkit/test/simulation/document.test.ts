import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runNode } from '../support/child.js'

// These run the built package, as users do: build first.
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

  test('its programs print what follows them, one after the other in one process', async () => {
    const expected = PROGRAMS.map((name) => {
      const program = files.get(name)!
      const after = DOCUMENT.slice(DOCUMENT.indexOf(program) + program.length)
      return /^```\n\n```\n(.*?\n)```/s.exec(after)![1]
    })
    const ended = await run('--input-type=module', '--eval', importing(PROGRAMS))
    expect(ended).toEqual({ code: 0, signal: null, stdout: expected.join(''), stderr: '' })
  })

  test('its tests pass, one after the other in one process', async () => {
    await writeFile(join(directory, 'tests.js'), importing(TESTS))
    const { code, stdout } = await run('--test-reporter=tap', 'tests.js')
    expect(stdout).toMatch(new RegExp(`^# pass ${TESTS.length}$`, 'm'))
    expect(code).toBe(0)
  })

  test('its commands do what it says', async () => {
    const lines = blocks('sh').flatMap((block) => block.trimEnd().split('\n'))
    expect(lines).toHaveLength(4)
    const results = await Promise.all(lines.slice(0, 3).map(runQuickly))
    results.push(await runQuickly(lines[3]!)) // compares the traces of the first two
    const [first, , explored, compared] = results
    expect(first!.stdout).toMatch(/^ok {2}chaos, seed 42\n/)
    expect(explored!.stdout).toMatch(/^1 of 1 seeds passed .*; 1 ran twice, 0 differed/m)
    expect(compared!.stdout).toMatch(/^the traces differ at event \d+/)
    expect(results.map(({ code }) => code)).toEqual([0, 0, 0, 1])
    expect(await readFile(join(directory, 'picture.html'), 'utf8')).toMatch(/^<!doctype html>/i)
  })

  test('has no other programs', () => {
    expect(new Set(files.keys())).toEqual(new Set([...PROGRAMS, ...TESTS, 'chaos.ts']))
  })

  function runQuickly(line: string) {
    const quick = line.replace('--seeds 500', '--seeds 1').replace('--twice 0.1', '--twice 1')
    return run(COMMAND, ...quick.replace('npx basestore-sim ', '').split(' '))
  }

  function run(...args: string[]) {
    return runNode(args, { cwd: directory, env: { NO_COLOR: '1', FORCE_COLOR: '0' } })
  }
})

function importing(names: readonly string[]): string {
  return names.map((name) => `await import('./${name}')\n`).join('')
}

function blocks(language: string): string[] {
  const fence = new RegExp(`^\`\`\`(?:${language})\\n(.*?)^\`\`\`$`, 'gms')
  return Array.from(DOCUMENT.matchAll(fence), ([, block]) => block as string)
}
