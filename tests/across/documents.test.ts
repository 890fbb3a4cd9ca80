import { existsSync, readdirSync } from 'node:fs'
import { createTestnet, LateTestnet, type Testnet } from '@basestore/testnet'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Program, programsOf, ROOT } from '../support/program.js'

const README = 'README.md'
const EXTENSIONS = 'packages/extensions/README.md'
/** Of its programs only the one over Hyperswarm is run here. Tests of packages/testkit run the others. */
const TESTING = 'docs/testing-your-app.md'
/** Tests of packages/testkit run its programs. */
const SIMULATING = 'docs/simulating.md'
/** Tests of packages/storage-memory run its programs. */
const STORAGE = 'packages/storage-memory/README.md'

const documents = [
  README,
  'CONTRIBUTING.md',
  ...readdirSync(new URL('docs/', ROOT)).map((name) => `docs/${name}`),
  ...readdirSync(new URL('packages/', ROOT)).map((name) => `packages/${name}/README.md`)
].filter((name) => name.endsWith('.md') && existsSync(new URL(name, ROOT)))

/** The programs that end by themselves: of two documents all but the first one, which waits for another process. */
const ending = documents
  .filter((document) => ![TESTING, SIMULATING, STORAGE].includes(document))
  .map((document) => {
    const programs = programsOf(document)
    const waits = document === README || document === EXTENSIONS
    return [document, waits ? programs.slice(1) : programs] as const
  })
  .filter(([, programs]) => programs.length > 0)

/** The first line of programs that end with something to show. */
const PRINTS = new Map([
  [README, 'hello, bob'],
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

  it('README.md: a writer that starts offline says so, and prints its key when others can find it', async () => {
    const late = await LateTestnet.create()
    try {
      await using writer = new Program(programsOf(README)[0]!, late.bootstrap)
      let printed = false
      const command = writer.line().finally(() => {
        printed = true
      })
      await writer.told(/no node of the DHT answers/)
      expect(printed).toBe(false)
      await late.up()
      expect(await command).toMatch(/^node log.mjs [0-9a-f]{64}$/)
      await using reader = new Program(
        programsOf(README)[0]!,
        late.bootstrap,
        (await command).split(' ').slice(2)
      )
      expect(await reader.line()).toBe('hello from the other side')
    } finally {
      await late.down()
    }
  })

  it('README.md: the writer closes its networker on SIGINT', async () => {
    await using writer = start(README)
    await writer.line()
    writer.interrupt()
    expect(await writer.ended()).toMatchObject({ code: 130 })
  })

  it('packages/extensions/README.md: two processes chat', async () => {
    await using a = start(EXTENSIONS)
    await a.line(/finds us/) // Hyperswarm alone lets peers that join at the same moment miss each other
    await using b = start(EXTENSIONS)
    await Promise.all([a.line(/^[0-9a-f]{8} hello$/), b.line(/^[0-9a-f]{8} hello$/)])
    a.type('good morning')
    await b.line(/ good morning$/)
  })

  it.concurrent.each(ending)('%s', async (document, programs) => {
    for (const source of programs) {
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

  it.each(readdirSync(new URL('packages/', ROOT)))('the README of packages/%s has one', (name) => {
    expect(programsOf(`packages/${name}/README.md`)).not.toEqual([])
  })
})
