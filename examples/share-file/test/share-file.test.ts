import { createHash, randomBytes } from 'node:crypto'
import { access, readdir, readFile, writeFile } from 'node:fs/promises'
import Corestore from 'corestore'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { importFile } from '../src/file-core.js'
import { type LocalDht, startLocalDht } from '../src/local-dht.js'
import { sha256File } from '../src/random-file.js'
import { openSourceFile } from '../src/source-file.js'
import { blocksOf, manifest, Sharer } from './sharer.js'
import { CLI, DEMO, run, Workshop } from './workshop.js'

const MEBIBYTE = 1024 * 1024
/** After so many bytes a fetch syncs what it wrote, and clears the core's copy of it. */
const CHECKPOINT = 16 * MEBIBYTE
/** A valid key that nobody shares. */
const UNKNOWN_KEY = 'y'.repeat(52)

let dht: LocalDht
let common: string[]
/** The directory of the sharers. */
let place: Workshop
/** Serves the cores of the tests that need no process to share them. */
let sharer: Sharer

beforeAll(async () => {
  dht = await startLocalDht()
  common = ['--bootstrap', dht.bootstrap]
  place = await Workshop.open()
  sharer = new Sharer({ bootstrap: dht.bootstrap, path: place.path('store') })
})
afterAll(async () => {
  await sharer[Symbol.asyncDispose]()
  await place[Symbol.asyncDispose]()
  await dht[Symbol.asyncDispose]()
})

describe.concurrent('a shared file', () => {
  it('is fetched from where a killed fetch stopped', async () => {
    await using workshop = await Workshop.open()
    const content = randomBytes(CHECKPOINT + 2 * MEBIBYTE)
    const blocks = blocksOf(content)
    const options = { bootstrap: dht.bootstrap, primaryKey: randomBytes(32) }
    const fetch = (key: string) => workshop.start('fetch', key, '--out', 'copy.bin', ...common)
    let arrived: number
    {
      // Without the last block of data no fetch completes, so the kill is never too late.
      await using incomplete = new Sharer({ ...options, path: place.path('incomplete') })
      const killed = fetch(await incomplete.serve(blocks, { lost: blocks.length - 2 }))
      arrived = (await killed.when('fetching', ({ bytes }) => bytes > CHECKPOINT)).bytes
      expect(await killed.stop('SIGKILL')).toBe(null)
      expect(killed.told.some(({ event }) => event === 'verified')).toBe(false)
    }
    await expect(access(workshop.path('copy.bin'))).rejects.toThrow('ENOENT')

    await using complete = new Sharer({ ...options, path: place.path('complete') })
    const second = fetch(await complete.serve(blocks))
    expect((await second.when('resuming')).bytes).toBeGreaterThanOrEqual(arrived)
    expect(await second.exited, second.stderr).toBe(0)
    expect(content.equals(await readFile(workshop.path('copy.bin')))).toBe(true)
    expect(await readdir(workshop.directory)).toEqual(['copy.bin'])
  })

  it.each([
    ['of 16 MiB and a bit', CHECKPOINT + 12_345, 'start'],
    ['of one byte', 1, 'startHere'],
    ['that is empty', 0, 'startHere']
  ] as const)('%s arrives whole, and both sides say so', async (_name, bytes, start) => {
    await using workshop = await Workshop.open()
    const source = await workshop.file('source.bin', bytes)
    const copy = workshop.path('copy.bin')
    const sharing = workshop[start]('share', source, '--store', workshop.path('store'), ...common)
    const { key } = await sharing.when('sharing')

    const fetching = workshop[start]('fetch', key, '--out', copy, ...common)
    expect(await fetching.exited, fetching.stderr).toBe(0)
    expect(await sha256File(copy)).toBe(await sha256File(source))
    expect((await fetching.when('verified')).sha256).toBe(await sha256File(source))
    await fetching.when('acknowledged')
    const { sent } = await sharing.when('serving', ({ delivered }) => delivered === 1)
    expect(sent).toBeGreaterThanOrEqual(bytes)
    expect((await readdir(workshop.directory)).sort()).toEqual(['copy.bin', 'source.bin', 'store'])
    expect(await sharing.stop()).toBe(0)
    expect(sharing.stderr).toBe('')
  })

  it('is kept as far as it has arrived when the fetch is interrupted', async () => {
    await using workshop = await Workshop.open()
    const blocks = blocksOf(randomBytes(4 * MEBIBYTE))
    const key = await sharer.serve(blocks, { lost: blocks.length - 2 })
    const fetching = workshop.start('fetch', key, '--out', 'copy.bin', ...common)
    await fetching.when('fetching')
    expect(await fetching.stop('SIGINT')).toBe(130)
    expect(fetching.stderr).toBe('share-file: stopped; run the same command again to carry on\n')
    const kept = new Set(await readdir(workshop.directory))
    expect(kept).toEqual(new Set([`copy.bin.${key.slice(0, 8)}.part`, 'copy.bin.share-file']))
  })

  it('has the same key when it is shared again, without a new import, and another once it changed', async () => {
    await using workshop = await Workshop.open()
    const source = await workshop.file('source.bin', MEBIBYTE)
    const share = async () => {
      const sharing = workshop.start('share', source, ...common)
      const { key, store } = await sharing.when('sharing')
      const { again } = await sharing.when('imported')
      await sharing.stop()
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

  it('is told of in plain lines where there is no terminal', async () => {
    await using workshop = await Workshop.open()
    const content = randomBytes(MEBIBYTE)
    const key = await sharer.serve(blocksOf(content))
    const { code, stdout, stderr } = await run(CLI, ['fetch', key, ...common], workshop.directory)
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(stdout).toContain('Found name, 1 MiB\n')
    expect(stdout).toContain('Fetched 100 %\n')
    expect(stdout).toContain(`Verified, sha256 ${createHash('sha256').update(content).digest('hex')}\n`)
    expect(await readdir(workshop.directory)).toEqual(['name'])
  })
})

describe.concurrent('what goes wrong is one line, exit code 1, and nothing under the final name:', () => {
  it('a sharer that goes away: what has arrived is kept', async () => {
    await using workshop = await Workshop.open()
    const source = await workshop.file('source.bin', 4 * MEBIBYTE)
    await importWithout(64, source, workshop.path('store'))
    const sharing = workshop.start('share', source, '--store', 'store', ...common)
    const { key } = await sharing.when('sharing')
    const copy = workshop.path('copy.bin')
    const fetching = workshop.startHere('fetch', key, '--out', copy, '--timeout', '10', ...common)
    await fetching.when('fetching')
    await sharing.stop('SIGKILL')
    expect(await fetching.exited).toBe(1)
    expect(fetching.stderr).toMatch(
      /^share-file: no data for 10 s, at \d+ %; run the same command again to resume\n$/
    )
  })

  it.each<[what: string, args: string[], line: RegExp]>([
    ['no command', [], /no command was given; use share <file> or fetch <key>/],
    ['an unknown command', ['get', UNKNOWN_KEY], /there is no command get; use share <file> or fetch <key>/],
    ['an unknown option', ['fetch', UNKNOWN_KEY, '--nonsense'], /Unknown option '--nonsense'/],
    [
      'a bootstrap without a port',
      ['fetch', UNKNOWN_KEY, '--bootstrap', 'host'],
      /must be host:port, got host/
    ],
    ['a timeout that is no number', ['fetch', UNKNOWN_KEY, '--timeout', 'soon'], /number of seconds/],
    [
      'a missing file',
      ['share', 'missing'],
      /cannot share missing: no such file or directory; check the path/
    ],
    ['a directory', ['share', '.'], /cannot share \.: is a directory; pack it/],
    [
      'something that is no key',
      ['fetch', 'nonsense', '--out', 'copy'],
      /nonsense is not a key; pass the 52/
    ],
    [
      'a target in no directory',
      ['fetch', UNKNOWN_KEY, '--out', 'missing/copy'],
      /copy: no such file or directory; check/
    ],
    [
      'a target below a file',
      ['fetch', UNKNOWN_KEY, '--out', 'present/copy'],
      /copy: a part of the path is not a dir/
    ],
    [
      'a target that is a directory',
      ['fetch', UNKNOWN_KEY, '--out', '.', '--force'],
      /: is a directory; name/
    ],
    [
      'a target that is there',
      ['fetch', UNKNOWN_KEY, '--out', 'present'],
      /exists; choose another --out, or --force/
    ],
    ['a store below a file', ['fetch', UNKNOWN_KEY, '--store', 'present/x'], /cannot keep data in present\/x/]
  ])('%s', async (_what, args, line) => {
    await using workshop = await Workshop.open()
    await writeFile(workshop.path('present'), 'as it was')
    const [command, ...rest] = args
    const all = command ? [command, ...common, ...rest] : []
    const { code, stderr } = await run(CLI, all, workshop.directory)
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

  it('a key that nobody shares', async () => {
    await using workshop = await Workshop.open()
    const copy = workshop.path('copy')
    const fetching = workshop.startHere('fetch', UNKNOWN_KEY, '--out', copy, '--timeout', '2', ...common)
    expect(await fetching.exited).toBe(1)
    expect(fetching.stderr).toMatch(/^share-file: no peer was found within 2 s; check the key[^\n]+\n$/)
    expect(await readdir(workshop.directory)).toEqual([])
  })

  it('a core that is no file', async () => {
    await using workshop = await Workshop.open()
    const key = await sharer.serve(['hello'])
    const { code, stderr } = await run(CLI, ['fetch', key, '--out', 'copy', ...common], workshop.directory)
    expect(stderr).toMatch(/^share-file: [^\n]+ \(its first block cannot be used: it is not JSON\)\n$/)
    expect(code).toBe(1)
    expect(await readdir(workshop.directory)).toEqual([])
  })

  it.each<[what: string, blocks: (string | Buffer)[], line: RegExp]>([
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
    const key = await sharer.serve(blocks)
    const fetching = workshop.startHere('fetch', key, '--out', workshop.path('copy'), ...common)
    expect(await fetching.exited).toBe(1)
    expect(fetching.stderr).toMatch(/^share-file: [^\n]+\n$/)
    expect(fetching.stderr).toMatch(line)
    expect(await readdir(workshop.directory)).toEqual([])
  })
})

describe.concurrent('a name from a stranger', () => {
  it('stays in the current directory', async () => {
    await using workshop = await Workshop.open()
    const [, ...rest] = blocksOf(Buffer.from('four'))
    const key = await sharer.serve([manifest({ name: '../../.evil\u0007' }), ...rest])
    const { code, stderr } = await run(CLI, ['fetch', key, ...common], workshop.directory)
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(await readdir(workshop.directory)).toEqual(['_evil_'])
  })
})

describe.concurrent('the demo', () => {
  it('moves a file, and leaves nothing behind', async () => {
    const { code, stdout, stderr } = await run(DEMO, ['4'])
    expect(stderr).toBe('')
    expect(stdout).toContain('The copy is the original')
    expect(code).toBe(0)
  })
})

/** Imports a file as `share` does, and then loses one block of it. */
async function importWithout(block: number, path: string, storePath: string): Promise<void> {
  const source = await openSourceFile(path)
  const store = new Corestore(storePath)
  try {
    const core = store.get({ name: source.version })
    await core.ready()
    const signal = new AbortController().signal
    await importFile(core, source.handle, source.manifest, { signal, onprogress() {} })
    await core.clear(block)
  } finally {
    await store.close()
    await source.handle.close()
  }
}

/** 32 bytes that are the checksum of no file here. */
function sum(): Buffer {
  return Buffer.alloc(32, 1)
}
