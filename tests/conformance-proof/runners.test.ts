import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { cases } from '@basestore/conformance'
import { describe, expect, it } from 'vitest'
import { CHILD_TIMEOUT, runNode, runners } from './run-command.js'

// These tests run dist, as users do: build first.

const require = createRequire(import.meta.url)
const vitest = join(dirname(require.resolve('vitest/package.json')), 'vitest.mjs')
const mocha = require.resolve('mocha/bin/mocha.js')
const VITEST_OPTIONS = ['--config', 'vitest.config.mjs', '--reporter=verbose']

/** The groups that the suites run, so that cases pass, fail and are skipped: see `runners/some.cjs`. */
const GROUPS = ['join-and-leave', 'suspend', 'faults']
const chosen = cases.filter(({ group }) => GROUPS.includes(group))
const RED = ['join-and-leave.leave-ends-announcing', 'join-and-leave.leave-ends-lookup']
const SUSPEND = chosen.filter(({ needs }) => needs.includes('suspend')).length
const FAULTS = chosen.filter(({ group }) => group === 'faults').length
const PASSED = chosen.length - FAULTS

interface Runner {
  /** The arguments of node. */
  readonly args: readonly string[]
  /** Matches the totals in its output. */
  counts(passed: number, failed: number, skipped: number): readonly RegExp[]
}

const all: Record<string, Runner> = {
  Vitest: {
    args: [vitest, 'run', '--root', runners, ...VITEST_OPTIONS, './vitest.suite.mjs'],
    counts: (passed, failed, skipped) => [
      new RegExp(
        `Tests .*${failed > 0 ? `${failed} failed \\| ` : ''}${passed} passed \\| ${skipped} skipped`
      )
    ]
  },
  'node:test': {
    args: ['--test', '--test-reporter=tap', 'node.suite.mjs'],
    counts: (passed, failed, skipped) => [
      new RegExp(`^# pass ${passed}$`, 'm'),
      new RegExp(`^# fail ${failed}$`, 'm'),
      new RegExp(`^# skipped ${skipped}$`, 'm')
    ]
  },
  Mocha: {
    args: [mocha, '--reporter', 'spec', 'mocha.suite.cjs'],
    counts: (passed, failed, skipped) => [
      new RegExp(`${passed} passing`),
      new RegExp(`${skipped} pending`),
      ...(failed > 0 ? [new RegExp(`${failed} failing`)] : [])
    ]
  }
}

describe.concurrent.each(Object.entries(all))(
  'with %s',
  { timeout: CHILD_TIMEOUT },
  (name, { args, counts }) => {
    const run = (fixture: string) => {
      const file = join(runners, `${fixture}.${name === 'Mocha' ? 'cjs' : 'mjs'}`)
      return runNode(args, { FIXTURE: file, GROUPS: GROUPS.join(' ') })
    }

    it('a transport that keeps its promises passes, and what it does not offer is skipped', async () => {
      const { code, stdout, stderr } = await run('fixture')
      for (const count of counts(PASSED, 0, FAULTS)) expect(stdout + stderr).toMatch(count)
      expect(code).toBe(0)
      expect(stdout).toContain('no faults.cut()')
    })

    it('a broken one fails, and reads which promise it broke and where that is explained', async () => {
      const { code, stdout, stderr } = await run('broken')
      const output = stdout + stderr
      for (const count of counts(PASSED - SUSPEND - RED.length, RED.length, FAULTS + SUSPEND)) {
        expect(output).toMatch(count)
      }
      expect(code).not.toBe(0)
      for (const id of RED) expect(output).toContain(id)
      expect(output).toContain('Broken promise: A peer that has left a topic is not found any more.')
      expect(output).toContain('docs/writing-a-transport.md#join-and-leave')
      expect(output).toContain('the transport has no suspend() and resume()')
    })
  }
)

describe.concurrent('without a runner', { timeout: CHILD_TIMEOUT }, () => {
  const program = (load: string) => `${load}
    conformance.runTransportCases(fixture, { only: ['data', 'suspend.stops'] }).then(({ passed, failed, results }) =>
      console.log(passed, failed, results[0].id))`
  const count = cases.filter(({ group }) => group === 'data').length + 1

  it('an ES module runs the cases', async () => {
    const load = "import fixture from './fixture.mjs'; import * as conformance from '@basestore/conformance'"
    const { stdout } = await runNode(['--input-type=module', '--eval', program(load)])
    expect(stdout).toBe(`${count} 0 data.both-ways\n`)
  })

  it('CommonJS runs the cases', async () => {
    const load =
      "const fixture = require('./fixture.cjs'); const conformance = require('@basestore/conformance')"
    const { stdout } = await runNode(['--input-type=commonjs', '--eval', program(load)])
    expect(stdout).toBe(`${count} 0 data.both-ways\n`)
  })

  it('loads no test runner', async () => {
    const program = `await import('@basestore/conformance')
      console.log(process.moduleLoadList.some((name) => / test$|test_runner/.test(name)))`
    const { stdout } = await runNode(['--input-type=module', '--eval', program])
    expect(stdout).toBe('false\n')
  })
})
