import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { describeTransport } from '@basestore/conformance'
import { Networker } from '@basestore/networker'
import { createNetworkers } from '@basestore/testkit'
import { createTestnet } from '@basestore/testnet'
import { hyperswarm } from '@basestore/transport-hyperswarm'
import { expect, test } from 'vitest'
import fixture, { LoopbackNetwork } from './fixture.js'

const HERE = new URL('../', import.meta.url)
const GUIDE = readFileSync(new URL('../../docs/writing-a-transport.md', HERE), 'utf8')

const blocks = Array.from(GUIDE.matchAll(/^```(\w*)\n(.*?)^```$/gms), ([, language, code]) => ({
  language: language as string,
  code: code as string
}))

/** The code of all blocks in a language. */
function codeIn(language: string): string[] {
  return blocks.filter((block) => block.language === language).map(({ code }) => code)
}

function filesIn(folder: string): string[] {
  const names = readdirSync(new URL(folder, HERE)).filter((name) => name.endsWith('.ts'))
  return names.map((name) => readFileSync(new URL(`${folder}${name}`, HERE), 'utf8'))
}

const sources = filesIn('src/')

test('each block of code is run: those in TypeScript are the source of the example and of its tests', () => {
  expect(new Set(blocks.map(({ language }) => language))).toEqual(new Set(['ts', 'js', 'sh']))
  const tested = [...sources, ...filesIn('test/')]
  for (const code of codeIn('ts')) {
    expect(
      tested.some((source) => `\n${source}`.includes(`\n${code}`)),
      code
    ).toBe(true)
  }
})

test('the guide leaves out no line of the source', () => {
  for (const source of sources) {
    const lines = source.split('\n')
    const shown = new Set<number>()
    for (const code of codeIn('ts')) {
      const at = `\n${source}`.indexOf(`\n${code}`)
      if (at < 0) continue
      const first = source.slice(0, at).split('\n').length - 1
      for (let i = 0; i < code.split('\n').length - 1; i++) shown.add(first + i)
    }
    expect(lines.filter((line, i) => line !== '' && !shown.has(i))).toEqual([])
  }
})

test('the guide has a section for each group of cases', () => {
  const groups: string[] = []
  let depth = 0
  const describe = (name: string, body: () => void) => {
    if (depth++ > 0) groups.push(name)
    body()
    depth--
  }
  describeTransport({ describe, it: () => {} }, fixture)
  const anchors = Array.from(GUIDE.matchAll(/^## (.*)$/gm), ([, title]) =>
    title!.toLowerCase().replaceAll(' ', '-')
  )
  expect(groups.length).toBeGreaterThan(10)
  expect(anchors).toEqual(expect.arrayContaining(groups))
})

test('its links lead somewhere', () => {
  const anchors = Array.from(GUIDE.matchAll(/^## (.*)$/gm), ([, title]) =>
    title!.toLowerCase().replaceAll(' ', '-')
  )
  for (const [, target] of GUIDE.matchAll(/\]\((?!http)([^)]+)\)/g)) {
    if (target!.startsWith('#')) expect(anchors).toContain(target!.slice(1))
    else expect(() => readdirOrRead(new URL(`../../docs/${target}`, HERE)), target).not.toThrow()
  }
})

test('the program at its beginning works', async () => {
  const testnet = await createTestnet()
  const network = await LoopbackNetwork.open()
  const networkers: Networker[] = []
  try {
    await using group = await createNetworkers(2)
    const [source] = codeIn('js')
    const program = new Function(
      ...['tcp', 'hyperswarm', 'Networker', 'store', 'core'],
      `return (async () => { ${source}; return networker })()`
    )
    const run = async (index: 0 | 1, key?: Buffer) => {
      const store = group.stores[index]
      const core = store.get(key ? { key } : { name: 'core' })
      await core.ready()
      const local = {
        tcp: () => network.createTransport(),
        hyperswarm: () => hyperswarm({ dht: testnet.createNode() })
      }
      networkers.push(await program(local.tcp, local.hyperswarm, Networker, store, core))
      return core
    }
    const core = await run(0)
    await core.append('hello')
    const copy = await run(1, core.key)
    expect(`${await copy.get(0)}`).toBe('hello')
    expect([...networkers[1]!.peers].map(({ type }) => type)).toEqual(['tcp'])
  } finally {
    for (const networker of networkers) await networker.close()
    network.close()
    await testnet.destroy()
  }
})

test('the command runs the suite on the fixture', async () => {
  const [command] = codeIn('sh')
  const [npx, name, ...args] = command!.trim().split(' ')
  expect([npx, name]).toEqual(['npx', '@basestore/conformance'])
  const manifest = createRequire(import.meta.url).resolve('@basestore/conformance/package.json')
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: { conformance: string } }
  const file = join(dirname(manifest), bin.conformance)
  const { stdout } = await promisify(execFile)(process.execPath, [file, ...args], { cwd: HERE })
  expect(stdout).toMatch(/ 0 failed, 0 skipped /)
})

function readdirOrRead(url: URL): unknown {
  return /\.\w+$/.test(url.pathname) ? readFileSync(url) : readdirSync(url)
}
