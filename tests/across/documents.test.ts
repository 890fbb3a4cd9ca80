import { readdirSync, readFileSync } from 'node:fs'
import { createTestnet, type Testnet } from '@basestore/testnet'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Program, programsOf, ROOT } from '../support/program.js'

const README = 'README.md'
const EXTENSIONS = 'packages/extensions/README.md'
/** Its other programs, and all of the next, are run in packages/testkit/test. */
const TESTING = 'docs/testing-your-app.md'
const SIMULATING = 'docs/simulating.md'
/** Its programs are run in packages/storage-memory/test. */
const STORAGE = 'packages/storage-memory/README.md'
/** Those whose programs end by themselves. */
const OTHERS = [
  'packages/core/README.md',
  'packages/transport-hyperswarm/README.md',
  'packages/transport-memory/README.md',
  'packages/testkit/README.md',
  'docs/upgrading.md'
]
/** What those print that end with something to show. */
const PRINTS = new Map([
  ['packages/transport-memory/README.md', 'hello from memory'],
  ['packages/testkit/README.md', 'hello, replicated']
])

describe('the programs of the documents', () => {
  let testnet: Testnet
  beforeAll(async () => {
    testnet = await createTestnet()
  })
  afterAll(() => testnet.destroy())

  const start = (document: string, args: string[] = []) =>
    new Program(programsOf(document)[0]!, testnet.bootstrap, args)

  it('README.md: one process writes, another reads', async () => {
    await using writer = start(README)
    const command = await writer.line()
    expect(command).toMatch(/^node log.mjs [0-9a-f]{64}$/)
    await using reader = start(README, command.split(' ').slice(2))
    expect(await reader.line()).toBe('hello from the other side')
    expect(await reader.ended()).toMatchObject({ code: 0 })
  })

  it('packages/extensions/README.md: two processes chat', async () => {
    await using a = start(EXTENSIONS)
    await a.line(/finds us/) // Hyperswarm alone lets peers that join at the same moment miss each other
    await using b = start(EXTENSIONS)
    await Promise.all([a.line(/^[0-9a-f]{8} hello$/), b.line(/^[0-9a-f]{8} hello$/)])
    a.type('good morning')
    await b.line(/ good morning$/)
  })

  it.each(OTHERS)('%s', async (document) => {
    for (const source of programsOf(document)) {
      await using program = new Program(source, testnet.bootstrap)
      if (PRINTS.has(document)) expect(await program.line()).toBe(PRINTS.get(document))
      expect(await program.ended()).toEqual({ code: 0, stderr: '' })
    }
  })

  it('docs/testing-your-app.md: a network of the testkit over Hyperswarm', async () => {
    const sources = programsOf(TESTING).filter((source) => source.includes('transport-hyperswarm'))
    expect(sources).toHaveLength(1)
    await using program = new Program(sources[0]!, testnet.bootstrap)
    expect(await program.line()).toMatch(/^ {2}alice -- bob {11}topic /)
    expect(await program.line()).toMatch(/^ {2}bob {3}-- alice, carol {2}topic /)
    expect(await program.line()).toMatch(/^ {2}carol -- bob {11}topic /)
    expect(await program.ended()).toEqual({ code: 0, stderr: '' })
  })

  it('are all run here', () => {
    const pages = readdirSync(new URL('docs/', ROOT)).filter((name) => name.endsWith('.md'))
    const documents = [
      README,
      'CONTRIBUTING.md',
      ...pages.map((name) => `docs/${name}`),
      ...readdirSync(new URL('packages/', ROOT)).map((name) => `packages/${name}/README.md`)
    ]
    const withPrograms = documents.filter((document) => programsOf(document).length > 0)
    expect(new Set(withPrograms)).toEqual(new Set([README, EXTENSIONS, TESTING, SIMULATING, STORAGE, ...OTHERS]))
    for (const document of [README, EXTENSIONS]) expect(programsOf(document)).toHaveLength(1)
  })

  it('link only to what is there', () => {
    const documents = [
      README,
      EXTENSIONS,
      TESTING,
      SIMULATING,
      ...OTHERS,
      'docs/architecture.md',
      'docs/wire.md',
      'docs/benchmarks.md',
      'CONTRIBUTING.md'
    ]
    for (const document of documents) {
      const text = readFileSync(new URL(document, ROOT), 'utf8')
      for (const [, target] of text.matchAll(/\]\((?!http)([^)#]+)/g)) {
        const url = new URL(target!, new URL(document, ROOT))
        expect(() => readFileSync(url), `${document} → ${target}`).not.toThrow(/ENOENT/)
      }
    }
  })
})
