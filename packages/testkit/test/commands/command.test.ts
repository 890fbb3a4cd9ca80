import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { type Arguments, parse } from '../../src/commands/sim/arguments.js'
import { attempt, type RunResult } from '../../src/commands/sim/attempt.js'
import { Pool } from '../../src/commands/sim/pool.js'
import { type ChildOptions, inDirectory, runNode } from '../support/child.js'

type RunArguments = Extract<Arguments, { command: 'run' }>

// These run the built package, as users do: build first.
const COMMAND = fileURLToPath(new URL('../../bin/basestore-sim.js', import.meta.url))
const MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url))
const SCENARIOS = fileURLToPath(new URL('scenarios/', import.meta.url))

function command(args: readonly string[], options: ChildOptions = {}) {
  return runNode([COMMAND, ...args], { cwd: SCENARIOS, ...options })
}

/** Runs the scenarios that commands name, one after the other in one worker. */
async function repeatAll(...lines: readonly string[]): Promise<RunResult[]> {
  const { signal } = new AbortController()
  const pool = new Pool({ program: COMMAND, jobs: 1, directory: tmpdir(), signal })
  try {
    const results: RunResult[] = []
    for (const line of lines) {
      const { file, seed, faults } = parse(line.replace('npx basestore-sim ', '').split(' ')) as RunArguments
      results.push(await attempt(pool, { file: join(SCENARIOS, file), seed: seed!, faults: faults! }))
    }
    return results
  } finally {
    await pool.close()
  }
}

describe('basestore-sim run', { concurrent: true }, () => {
  it('prints what the scenario prints, then the report, and exits with 0', async () => {
    const { code, stdout, stderr } = await command(['run', 'pair.ts', '--seed', '42'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(
      /^linked at \d.* ms\nok {2}pair, seed 42\n {2}0\.\d{3} s virtual in \d+\.\d{3} s, \d+ events\n {2}\d+ frames, \d+ bytes, at most \d+ MiB of memory\n {2}trace [\da-f]{64}\n {2}Repeat it: npx basestore-sim run pair\.ts --seed 42\n$/
    )
  })

  it('writes the trace and the page, prints only JSON with --json, and leaves no other file', async () => {
    await inDirectory(async (directory) => {
      const [trace, html] = [join(directory, 'trace.ndjson'), join(directory, 'page.html')]
      const args = ['run', 'pair.ts', '--trace', trace, '--html', html, '--json']
      const { code, stdout, stderr } = await command(args, { env: { TMPDIR: directory } })
      expect(code).toBe(0)
      expect(JSON.parse(stdout)).toMatchObject({ ok: true, name: 'pair', failures: [], leaks: [] })
      expect(stderr).toMatch(/^linked at/)
      const events = (await readFile(trace, 'utf8'))
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
      expect(events.filter(({ type }) => type === 'frame')).toHaveLength(JSON.parse(stdout).frames)
      expect(await readFile(html, 'utf8')).toMatch(/^<!doctype html>/i)
      expect((await readdir(directory)).sort()).toEqual(['page.html', 'trace.ndjson'])
    })
  })

  it('exits with 1 when something failed, at which time, and what repeats it', async () => {
    const { code, stdout } = await command(['run', 'waiting.ts', '--seed', '1'])
    expect(code).toBe(1)
    expect(stdout).toContain('FAILED  waiting, seed 1')
    expect(stdout).toMatch(/\n\d\.\d{3} s: Timed out: the run reached its limit of 5000 virtual ms\n/)
    expect(stdout).toMatch(/\nRepeat it: npx basestore-sim run waiting\.ts --seed 1\n$/)
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('ends its process at %s and leaves nothing', async (signal) => {
    await inDirectory(async (directory) => {
      const args = ['run', 'hanging.ts', '--trace', join(directory, 'trace.ndjson')]
      const env = { TMPDIR: directory }
      const ended = await command(args, {
        env,
        onprint: (text, kill) => text.includes('process') && kill(signal)
      })
      expect(ended).toMatchObject({ code: signal === 'SIGINT' ? 130 : 143, stderr: '' })
      const pid = Number(/process (\d+)/.exec(ended.stdout)![1])
      expect(() => process.kill(pid, 0)).toThrow('ESRCH')
      expect(await readdir(directory)).toEqual([])
    })
  })

  it('does not fail when nobody reads its output', async () => {
    const child = spawn(process.execPath, [COMMAND, 'run', 'pair.ts'], {
      cwd: SCENARIOS,
      stdio: ['ignore', 'pipe', 'pipe']
    })
    child.stdout.destroy()
    let stderr = ''
    child.stderr.on('data', (text) => {
      stderr += text
    })
    const [code] = await once(child, 'close')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  it.each([
    [
      'scenario.ts',
      "import { type Simulation, SimulationError } from '@basestore/testkit/simulation'\nimport { NetworkerError } from '@basestore/networker'\nimport { MemoryNetwork } from '@basestore/transport-memory'\nimport Corestore from 'corestore'\nimport { text } from './helper.js'\nexport default async (sim: Simulation): Promise<void> =>"
    ],
    [
      'scenario.cjs',
      "const { SimulationError } = require('@basestore/testkit/simulation')\nconst { NetworkerError } = require('@basestore/networker')\nconst Corestore = require('corestore')\nconst { text } = require('./helper.ts')\nlet MemoryNetwork\nmodule.exports = async (sim) =>"
    ]
  ])('runs %s with the classes that it runs itself', async (name, head) => {
    await inDirectory(async (directory) => {
      await symlink(MODULES, join(directory, 'node_modules'))
      await writeFile(join(directory, 'helper.ts'), "export const text: string = 'helped'\n")
      const body = `{
  const peer = await sim.peer('a')
  const error = await sim.peer('a').catch((error) => error)
  const network = MemoryNetwork ? sim.network instanceof MemoryNetwork : true
  console.log(text, SimulationError.name, peer.store instanceof Corestore, error instanceof NetworkerError, network)
}\n`
      await writeFile(join(directory, name), `${head} ${body}`)
      const { code, stdout } = await command(['run', name], { cwd: directory })
      expect(stdout).toMatch(/^helped SimulationError true true true\nok {2}scenario, seed 0\n/)
      expect(code).toBe(0)
    })
  })

  it('refuses a scenario that cannot run, and says why', async () => {
    await inDirectory(async (directory) => {
      await writeFile(join(directory, 'scenario.ts'), 'export default 5')
      const { code, stdout, stderr } = await command(['run', 'scenario.ts'], { cwd: directory })
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toBe(
        'the default export of scenario.ts must be a function that takes the simulation; it is none\n'
      )
    })
  })
})

describe('basestore-sim explore', { concurrent: true }, () => {
  it('finds a planted failure, and the one fault that it takes', async () => {
    const { code, stdout } = await command([
      'explore',
      'planted.ts',
      '--from',
      '1',
      '--seeds',
      '1',
      '--twice',
      '0'
    ])
    expect(code).toBe(1)
    expect(stdout).toContain(': a lost b\n')
    expect(stdout).toMatch(
      /The smallest plan of faults that still fails: 1 of \d+\n {2}\d+: \d+\.\d+ s resets (a, b|b, a), for 0\.000 s/
    )
    const { 1: line } = /Repeat it: (.*)/.exec(stdout)!
    expect(line).toMatch(/ run planted\.ts --seed \d+ --faults=\d+$/)
    const [again, none] = await repeatAll(line!, line!.replace(/=\d+$/, '='))
    expect(again).toMatchObject({ ok: false, report: { hash: /trace (.*)/.exec(stdout)![1] } })
    expect(JSON.stringify(none)).not.toContain('a lost b')
  })

  it('runs seeds once more in another process, with the same trace', async () => {
    const explored = command(['explore', 'pair.ts', '--seeds', '2', '--from', '5', '--twice', '1', '--json'])
    const { code, stdout, stderr } = await explored
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ seeds: 2, repeated: 2, differ: 0, failed: 0, failures: [] })
    expect(stderr).toBe([1, 2].map((done) => `${done} of 2 seeds done, 0 failed\n`).join(''))
  })

  it('shows the first event in which two runs of a seed differ', async () => {
    const { code, stdout } = await command(['explore', 'differing.ts', '--seeds', '2', '--twice', '0.5'])
    expect(code).toBe(1)
    expect(stdout).toMatch(
      /two runs with this seed differ: the traces differ at event 2:\n.*begun.*\n {2}< .*process \d+.*\n {2}> .*process/
    )
    expect(stdout).toContain('1 of 2 seeds passed')
    expect(stdout).toContain('1 ran twice, 1 differed')
  })

  it('fails a seed that leaves something behind only the second time, though the trace is the same', async () => {
    await inDirectory(async (directory) => {
      const scenario = `import { existsSync, writeFileSync } from 'node:fs'
export default () => {
  const path = ${JSON.stringify(directory)} + '/ran'
  if (existsSync(path)) process.on('SIGUSR2', () => {})
  writeFileSync(path, '')
}`
      await writeFile(join(directory, 'scenario.ts'), scenario)
      const args = ['explore', 'scenario.ts', '--seeds', '1', '--twice', '1', '--json']
      const { code, stdout } = await command(args, { cwd: directory })
      expect(code).toBe(1)
      expect(JSON.parse(stdout)).toMatchObject({ repeated: 1, differ: 1, failed: 1 })
    })
  })

  it('goes on when a run ends its process', async () => {
    const { code, stdout } = await command([
      'explore',
      'ending.ts',
      '--seeds',
      '3',
      '--jobs',
      '2',
      '--twice',
      '0',
      '--json'
    ])
    expect(code).toBe(1)
    const { failed, failures } = JSON.parse(stdout)
    expect({ failed, seeds: failures.map(({ seed }: { seed: number }) => seed) }).toEqual({
      failed: 2,
      seeds: [1, 2]
    })
    expect(failures[1].error).toMatch(/exit code 1[\s\S]*this is the end/)
    expect(failures[1].command).toBe('npx basestore-sim run ending.ts --seed 2')
  })

  it('ends its processes at SIGINT', async () => {
    await inDirectory(async (directory) => {
      const scenario = `import { writeFileSync } from 'node:fs'
export default () => {
  process.send({ type: 'start', wall: 60_000 })
  writeFileSync(${JSON.stringify(directory)} + '/pid', String(process.pid))
  process.kill(process.ppid, 'SIGINT')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}`
      await writeFile(join(directory, 'scenario.ts'), scenario)
      const { code, stdout } = await command(['explore', 'scenario.ts'], { cwd: directory })
      expect({ code, stdout }).toEqual({ code: 130, stdout: '' })
      const pid = Number(await readFile(join(directory, 'pid'), 'utf8'))
      expect(() => process.kill(pid, 0)).toThrow('ESRCH')
    })
  })

  it('stops at once when the scenario cannot run', async () => {
    await inDirectory(async (directory) => {
      await writeFile(join(directory, 'scenario.ts'), "throw new Error('not today')")
      const { code, stdout, stderr } = await command(['explore', 'scenario.ts', '--jobs', '2'], {
        cwd: directory
      })
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toMatch(/^cannot load scenario\.ts: not today\n.*\n$/)
    })
  })
})

describe('basestore-sim', { concurrent: true }, () => {
  it('diff exits with 1 when two traces differ, and says where', async () => {
    await inDirectory(async (directory) => {
      const [a, b] = [join(directory, 'a'), join(directory, 'b')] as const
      await writeFile(a, '{"time":1}\n{"time":2}\n')
      await writeFile(b, '{"time":1}\n{"time":3}\n')
      const text = 'the traces differ at event 2:\n    {"time":1}\n  < {"time":2}\n  > {"time":3}\n'
      expect(await command(['diff', a, b])).toMatchObject({ code: 1, stdout: text })
    })
  })

  it('exits with 1 before it runs anything when its arguments are wrong, and says why', async () => {
    const { code, stdout, stderr } = await command(['run', 'missing.ts'])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toBe('there is no file missing.ts\n')
  })

  it('prints its usage with --help', async () => {
    const { code, stdout } = await command(['--help'])
    expect(code).toBe(0)
    const options = ['seed', 'faults', 'trace', 'html', 'json', 'seeds', 'from', 'jobs', 'twice']
    for (const option of options) expect(stdout).toContain(`  --${option} `)
  })
})
