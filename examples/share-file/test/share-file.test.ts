import { createHash } from 'node:crypto'
import { access, readdir, readFile, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import Corestore from 'corestore'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalDht, startLocalDht } from '../src/local-dht.js'
import { openNetwork } from '../src/network.js'
import { CLI, DEMO, run, sha256, Workshop } from './processes.js'

const MEBIBYTE = 1024 * 1024
/** Its DHT has it, and nobody shares it. */
const UNKNOWN_KEY = 'y'.repeat(52)

let dht: LocalDht
let common: string[]

beforeAll(async () => {
  dht = await startLocalDht()
  common = ['--bootstrap', dht.bootstrap]
})
afterAll(() => dht[Symbol.asyncDispose]())

describe('a file between two processes', { timeout: 30_000 }, () => {
  it.concurrent.each([
    ['of 20 MiB and a bit', 20 * MEBIBYTE + 12_345],
    ['of one byte', 1],
    ['that is empty', 0]
  ])('%s arrives whole, and both sides say so', async (_name, bytes) => {
    await using workshop = await Workshop.open()
    const source = await workshop.file('source.bin', bytes)
    const sharer = workshop.start('share', source, ...common)
    const { key } = await sharer.when('sharing')

    const fetcher = workshop.start('fetch', key, '--out', 'copy.bin', ...common)
    expect(await fetcher.exited, fetcher.stderr).toBe(0)
    expect(await sha256(workshop.path('copy.bin'))).toBe(await sha256(source))
    expect((await fetcher.when('verified')).sha256).toBe(await sha256(source))
    await fetcher.when('acknowledged')
    expect((await sharer.when('serving', ({ delivered }) => delivered === 1)).sent).toBeGreaterThanOrEqual(
      bytes
    )
    expect((await readdir(workshop.directory)).sort()).toEqual(['cache', 'copy.bin', 'source.bin'])
    expect(await sharer.stop()).toBe(0)
    expect(sharer.stderr).toBe('')
  })

  it('goes on where a killed fetch stopped', async () => {
    await using workshop = await Workshop.open()
    const source = await workshop.file('source.bin', 48 * MEBIBYTE)
    const sharer = workshop.start('share', source, ...common)
    const { key } = await sharer.when('sharing')

    const args = ['fetch', key, '--out', 'copy.bin', ...common]
    const killed = workshop.start(...args)
    const { bytes } = await killed.when('fetching', (told) => told.bytes > 20 * MEBIBYTE)
    expect(await killed.stop('SIGKILL')).toBe(null)
    expect(killed.told.some(({ event }) => event === 'verified')).toBe(false)
    await expect(access(workshop.path('copy.bin'))).rejects.toThrow('ENOENT')

    const second = workshop.start(...args)
    expect((await second.when('resuming')).bytes).toBeGreaterThanOrEqual(bytes)
    expect(await second.exited, second.stderr).toBe(0)
    expect(await sha256(workshop.path('copy.bin'))).toBe(await sha256(source))
    expect((await readdir(workshop.directory)).sort()).toEqual(['cache', 'copy.bin', 'source.bin'])
  })

  it('keeps what has arrived when it is interrupted, and says so in one line', async () => {
    await using workshop = await Workshop.open()
    const sharer = workshop.start('share', await workshop.file('source.bin', 32 * MEBIBYTE), ...common)
    const { key } = await sharer.when('sharing')
    const fetcher = workshop.start('fetch', key, '--out', 'copy.bin', ...common)
    await fetcher.when('fetching')
    expect(await fetcher.stop('SIGINT')).toBe(130)
    expect(fetcher.stderr).toBe('share-file: stopped; run the same command again to carry on\n')
    const kept = (await readdir(workshop.directory)).filter((name) => name.startsWith('copy.bin'))
    expect(new Set(kept)).toEqual(new Set([`copy.bin.${key.slice(0, 8)}.part`, 'copy.bin.share-file']))
  })

  it('gives an unchanged file the same key without a new import, and a changed one another', async () => {
    await using workshop = await Workshop.open()
    const source = await workshop.file('source.bin', MEBIBYTE)
    const share = async () => {
      const sharer = workshop.start('share', source, ...common)
      const { key, store } = await sharer.when('sharing')
      const { again } = await sharer.when('imported')
      await sharer.stop()
      return { key, store, again }
    }
    const first = await share()
    expect(await share()).toEqual({ ...first, again: true })
    await writeFile(source, 'changed')
    const other = await share()
    expect(other.again).toBe(false)
    expect(other.key).not.toBe(first.key)
    await expect(access(first.store)).rejects.toThrow('ENOENT')
  })

  it('tells people in plain lines where there is no terminal', async () => {
    await using workshop = await Workshop.open()
    const sharer = workshop.start('share', await workshop.file('source.bin', MEBIBYTE), ...common)
    const { key } = await sharer.when('sharing')
    const { code, stdout, stderr } = await run(CLI, ['fetch', key, ...common], workshop.path('cache'))
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(stdout).toContain('Found source.bin, 1 MiB\n')
    expect(stdout).toContain('Fetched 100 %\n')
    expect(stdout).toContain(`Verified, sha256 ${await sha256(workshop.path('source.bin'))}\n`)
    expect(await readdir(workshop.path('cache'))).toContain('source.bin')
  })
})

describe('what goes wrong is one line, exit code 1, and nothing under the final name:', {
  timeout: 30_000
}, () => {
  it.concurrent.each<[what: string, args: string[], line: RegExp]>([
    ['no command', [], /say share <file> or fetch <key>/],
    ['an unknown option', ['fetch', UNKNOWN_KEY, '--nonsense'], /Unknown option '--nonsense'/],
    [
      'a bootstrap without a port',
      ['fetch', UNKNOWN_KEY, '--bootstrap', 'host'],
      /must be host:port, got host/
    ],
    ['a timeout that is no number', ['fetch', UNKNOWN_KEY, '--timeout', 'soon'], /number of seconds/],
    ['a missing file', ['share', 'missing'], /cannot share missing: no such file/],
    ['a directory', ['share', '.'], /cannot share \.: is a directory/],
    ['something that is no key', ['fetch', 'nonsense', '--out', 'copy'], /nonsense is not a key/],
    [
      'a key that nobody shares',
      ['fetch', UNKNOWN_KEY, '--out', 'copy', '--timeout', '2'],
      /no peer was found within 2 s/
    ],
    [
      'a target in no directory',
      ['fetch', UNKNOWN_KEY, '--out', 'missing/copy'],
      /copy: no such file or directory/
    ],
    [
      'a target below a file',
      ['fetch', UNKNOWN_KEY, '--out', 'present/copy'],
      /copy: a part of the path is not a dir/
    ],
    ['a target that is a directory', ['fetch', UNKNOWN_KEY, '--out', '.', '--force'], /: is a directory/],
    [
      'a target that is there',
      ['fetch', UNKNOWN_KEY, '--out', 'present'],
      /exists; choose another --out, or --force/
    ],
    ['a store below a file', ['fetch', UNKNOWN_KEY, '--store', 'present/x'], /cannot keep data in present\/x/]
  ])('%s', async (_what, args, line) => {
    await using workshop = await Workshop.open()
    await writeFile(workshop.path('present'), 'as it was')
    const { code, stderr } = await run(
      CLI,
      [...args.slice(0, 1), ...common, ...args.slice(1)],
      workshop.directory
    )
    expect(stderr).toMatch(/^share-file: [^\n]+\n$/)
    expect(stderr).toMatch(line)
    expect(code).toBe(1)
    expect(await readdir(workshop.directory)).toEqual(['present'])
    expect(await readFile(workshop.path('present'), 'utf8')).toBe('as it was')
  })

  it('a store that another process uses', async () => {
    await using workshop = await Workshop.open()
    const source = await workshop.file('source.bin', 1)
    await workshop.start('share', source, ...common).when('sharing')
    const second = workshop.start('share', source, ...common)
    expect(await second.exited).toBe(1)
    expect(second.stderr).toMatch(/^share-file: another share-file is using [^\n]+\n$/)
  })

  it.concurrent.each<[what: string, blocks: (string | Buffer)[], line: RegExp]>([
    ['a core that is no file', ['hello'], /first block cannot be used, it is not JSON/],
    ['a manifest of the future', [manifest({ version: 2 }), sum()], /its version is 2/],
    ['a manifest without a size', [manifest({ size: -1 }), sum()], /its size is -1/],
    [
      'a manifest with a huge block size',
      [manifest({ blockSize: 2 ** 40 }), sum()],
      /its block size is 1099511627776/
    ],
    ['a manifest that is a novel', [Buffer.alloc(100_000, 'a'), sum()], /it is 100000 bytes long/],
    ['a block that is too long', [manifest({}), 'too long', sum()], /block 1 is 8 bytes long/],
    ['a checksum that is none', [manifest({}), 'four', 'short'], /its checksum is 5 bytes/],
    ['another file than was promised', [manifest({}), 'four', sum()], /checksums differ/]
  ])('%s', async (_what, blocks, line) => {
    await using workshop = await Workshop.open()
    await using sharer = await serve(workshop.path('hostile'), blocks)
    const { code, stderr } = await run(
      CLI,
      ['fetch', sharer.key, '--out', 'copy', ...common],
      workshop.directory
    )
    expect(stderr).toMatch(/^share-file: [^\n]+\n$/)
    expect(stderr).toMatch(line)
    expect(code).toBe(1)
    expect(await readdir(workshop.directory)).toEqual(['hostile'])
  })

  it('a sharer that goes away: what has arrived is kept', async () => {
    await using workshop = await Workshop.open()
    const source = await workshop.file('source.bin', 48 * MEBIBYTE)
    const sharer = workshop.start('share', source, ...common)
    const { key } = await sharer.when('sharing')
    const fetcher = workshop.start('fetch', key, '--out', 'copy.bin', '--timeout', '1.5', ...common)
    await fetcher.when('fetching')
    await sharer.stop('SIGKILL')
    expect(await fetcher.exited).toBe(1)
    expect(fetcher.stderr).toMatch(
      /^share-file: no data for 1\.5 s, at \d+ %; run the same command again to resume\n$/
    )
  })
})

describe('a name from a stranger', () => {
  it('stays in the current directory', { timeout: 20_000 }, async () => {
    await using workshop = await Workshop.open()
    const content = Buffer.from('four')
    const checksum = createHash('sha256').update(content).digest()
    await using sharer = await serve(workshop.path('hostile'), [
      manifest({ name: '../../.evil\u0007' }),
      content,
      checksum
    ])
    const { code, stderr } = await run(CLI, ['fetch', sharer.key, ...common], workshop.directory)
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect((await readdir(workshop.directory)).sort()).toEqual(['_evil_', 'hostile'])
  })
})

describe('the demo', () => {
  it('moves a file, and leaves nothing behind', { timeout: 30_000 }, async () => {
    const { code, stdout, stderr } = await run(DEMO, [])
    expect(stderr).toBe('')
    expect(stdout).toContain('The copy is the original')
    expect(code).toBe(0)
  })
})

function manifest(fields: Record<string, unknown>): string {
  return JSON.stringify({ version: 1, name: 'name', size: 4, blockSize: 65_536, ...fields })
}

function sum(): Buffer {
  return Buffer.alloc(32, 1)
}

/** Shares a core as somebody else's program might have written it. */
async function serve(path: string, blocks: (string | Buffer)[]): Promise<AsyncDisposable & { key: string }> {
  const store = new Corestore(path)
  const core = store.get({ name: basename(path) })
  await core.append(blocks)
  const network = openNetwork(store, [dht.bootstrap])
  await network.networker.configure(core.discoveryKey)
  return {
    key: core.id,
    async [Symbol.asyncDispose]() {
      await network.close()
      await store.close()
    }
  }
}
