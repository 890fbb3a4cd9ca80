import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { cases } from '@basestore/conformance'
import { describe, expect, it } from 'vitest'
import { CHILD_TIMEOUT, runNode } from './run-command.js'

// These tests run dist, as users do: build first.
const PACKAGE = new URL('../../packages/conformance/', import.meta.url)
const COMMAND = fileURLToPath(new URL('bin/conformance.js', PACKAGE))
const FAULTS = casesOf('faults', 'offline', 'hostile-bytes')
/** Groups in which `broken.mjs` passes, fails and skips cases: the whole suite takes several times as long. */
const SOME = ['join-and-leave', 'suspend', 'faults']

function casesOf(...groups: string[]): number {
  return cases.filter(({ group }) => groups.includes(group)).length
}

function command(...args: string[]) {
  return runNode([COMMAND, ...args])
}

function casesArgs(groups: readonly string[]): string[] {
  return groups.flatMap((group) => ['--case', group])
}

// One of them waits 5 s for its exit; the others run meanwhile.
describe.concurrent('the command', { timeout: CHILD_TIMEOUT }, () => {
  it('prints each case with its time, skips with their reason, and totals, and exits with 0', async () => {
    const { code, stdout, stderr } = await command('./fixture.mjs')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^Transport contract: memory\n/)
    for (const { id } of cases) expect(stdout).toMatch(new RegExp(` ${id} \\(\\d+ ms\\)`))
    expect(stdout).toMatch(
      /skip +faults\.cut-closes-streams \(\d+ ms\): the fixture's network has no faults\.cut\(\)$/m
    )
    expect(stdout).toMatch(
      new RegExp(`\n${cases.length - FAULTS} passed, 0 failed, ${FAULTS} skipped in \\d+\\.\\d s\n$`)
    )
  })

  it('takes a fixture in CommonJS', async () => {
    const { code, stdout } = await command('--case', 'identity', './fixture.cjs')
    expect(code).toBe(0)
    expect(stdout).toMatch(/9 passed, 0 failed, 0 skipped/)
  })

  it('prints of a failure what was broken and where to read on, and exits with 1', async () => {
    const { code, stdout } = await command('--case', 'join-and-leave', './broken.mjs')
    expect(code).toBe(1)
    expect(stdout).toMatch(
      /FAILED join-and-leave\.leave-ends-announcing \(\d+ ms\)\n +C found A\n +at .*\n +Broken promise: A peer that has left a topic is not found any more\.\n +Guide: https:.*writing-a-transport\.md#join-and-leave\n/
    )
    expect(stdout).toMatch(/13 passed, 2 failed, 0 skipped/)
  })

  it('runs what --case names, a case or a group, as often as --repeat says', async () => {
    const args = ['--case', 'data.order', '--case', 'closing', '--repeat', '3', '--json']
    const { code, stdout } = await command(...args, './fixture.mjs')
    expect(code).toBe(0)
    const report = JSON.parse(stdout) as { passed: number; cases: { id: string; run: number }[] }
    const closing = cases.filter(({ group }) => group === 'closing').length
    expect(report.passed).toBe(3 * (closing + 1))
    const orders = report.cases.filter(({ id }) => id === 'data.order')
    expect(orders.map(({ run }) => run)).toEqual([1, 2, 3])
  })

  it('prints one JSON document with --json', async () => {
    const { code, stdout } = await command('--json', ...casesArgs(SOME), './broken.mjs')
    expect(code).toBe(1)
    const { fixture, passed, failed, skipped, cases: all } = JSON.parse(stdout)
    expect(fixture).toBe('broken #1')
    expect(passed + failed + skipped).toBe(casesOf(...SOME))
    expect(failed).toBe(2)
    expect(all).toHaveLength(casesOf(...SOME))
    const failure = all.find(({ status }: { status: string }) => status === 'failed')
    expect(failure).toMatchObject({
      id: 'join-and-leave.leave-ends-announcing',
      run: 1,
      error: { message: 'C found A', stack: expect.stringContaining('assertFindsOnly') }
    })
    expect(all.find(({ id }: { id: string }) => id === 'suspend.stops')).toMatchObject({
      status: 'skipped',
      reason: 'the transport has no suspend() and resume()'
    })
  })

  it('prints valid TAP with --tap', async () => {
    const { code, stdout } = await command('--tap', '--repeat', '2', ...casesArgs(SOME), './broken.mjs')
    expect(code).toBe(1)
    const planned = 2 * casesOf(...SOME)
    const lines = stdout.trimEnd().split('\n')
    expect(lines.slice(0, 3)).toEqual(['TAP version 14', '# broken \\#1', `1..${planned}`])
    const points = lines.filter((line) => /^(not )?ok /.test(line))
    expect(points.map((line) => Number(/ok (\d+) - /.exec(line)![1]))).toEqual(
      Array.from({ length: planned }, (_, i) => i + 1)
    )
    expect(points.filter((line) => line.startsWith('not ok'))).toHaveLength(4)
    expect(points.filter((line) => / # SKIP .+/.test(line)).length).toBe(2 * casesOf('suspend', 'faults'))
    for (const line of lines)
      expect(line).toMatch(/^(TAP version 14|1\.\.\d+|(not )?ok \d+ - .+|# .*| {2}.*)$/)
    expect(lines.filter((line) => line === '  ---')).toHaveLength(points.length)
    expect(lines.filter((line) => line === '  ...')).toHaveLength(points.length)
  })

  it('blames the case during which something was thrown that nobody caught', async () => {
    const { code, stdout } = await command('--case', 'start.plain-bytes', './throwing.mjs')
    expect(code).toBe(1)
    expect(stdout).toContain('FAILED start.plain-bytes')
    expect(stdout).toContain('nobody caught this, which ends a process: Error: nobody listens')
  })

  it('exits with 1 when something keeps the process, and names it', async () => {
    const { code, stderr } = await command('--case', 'start.alone', './holding.mjs')
    expect(code).toBe(1)
    expect(stderr).toContain('the process does not exit: Timeout')
  })

  it.each([
    [['./fixture.mjs', '--case', 'flush.nothing'], "no case is called 'flush.nothing'"],
    [['./fixture.mjs', '--colour'], '--colour'],
    [[], 'pass one file'],
    [['./options.mjs'], 'the default export of ./options.mjs is no fixture'],
    [['./itself.cjs'], 'the default export of ./itself.cjs is no fixture'],
    [['./missing.mjs'], 'missing.mjs'],
    [['../run-command.ts'], 'run-command.ts']
  ])('refuses %j, says why, and exits with 1', async (args, message) => {
    const { code, stderr } = await command(...args)
    expect(code).toBe(1)
    expect(stderr).toContain(message)
    expect(stderr).not.toContain('    at ')
  })

  it('tells where a file fails that cannot be loaded', async () => {
    const { code, stderr } = await command('./failing.mjs')
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^Invalid option: \.\/failing\.mjs could not be loaded: TypeError: .*\n +at .*failing\.mjs:4:/
    )
  })

  it('is what `npx @basestore/conformance` runs: the one bin of the package, named as the package', async () => {
    const { bin } = JSON.parse(await readFile(new URL('package.json', PACKAGE), 'utf8'))
    const [name] = Object.keys(bin)
    expect(bin).toEqual({ conformance: './bin/conformance.js' })
    const linked = fileURLToPath(new URL(`../node_modules/.bin/${name}`, import.meta.url))
    const { stdout } = await promisify(execFile)(linked, ['--help'])
    for (const option of ['--case', '--repeat', '--json', '--tap']) expect(stdout).toContain(option)
  })
})
