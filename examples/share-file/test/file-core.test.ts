import { createHash, randomBytes } from 'node:crypto'
import { ftruncateSync } from 'node:fs'
import { type FileHandle, mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Corestore from 'corestore'
import type Hypercore from 'hypercore'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { importFile, isImported, readFooter } from '../src/file-core.js'
import { BLOCK_SIZE, decodeManifest, type FileManifest, safeName } from '../src/manifest.js'

/** Three batches, of which the last one is a single byte. */
const BYTES = 4 * 1024 * 1024 + 1
const idle = { signal: new AbortController().signal, onprogress: () => {} }

describe('a file in a core', () => {
  let directory: string
  let content: Buffer
  let file: FileHandle
  let store: Corestore
  let core: Hypercore
  let manifest: FileManifest

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'share-file-test-'))
    content = randomBytes(BYTES)
    await writeFile(join(directory, 'file'), content)
    file = await open(join(directory, 'file'), 'r+')
    store = new Corestore(join(directory, 'store'))
    core = store.get({ name: 'file' })
    await core.ready()
    manifest = { version: 1, name: 'file', size: BYTES, blockSize: BLOCK_SIZE }
  })
  afterEach(async () => {
    await file.close()
    await store.close()
    await rm(directory, { recursive: true })
  })

  it('is a manifest, the data and a footer', async () => {
    await importFile(core, file, manifest, idle)
    expect(isImported(core, manifest)).toBe(true)
    expect(core.length).toBe(1 + 65 + 1)
    expect(decodeManifest(await core.get(0))).toEqual(manifest)
    expect(await core.get(1)).toEqual(content.subarray(0, BLOCK_SIZE))
    expect(await core.get(65)).toEqual(content.subarray(-1))
    expect(await readFooter(core, manifest)).toEqual(createHash('sha256').update(content).digest())
  })

  it('is completed by a second import when the first was stopped', async () => {
    const stop = new AbortController()
    const stopped = importFile(core, file, manifest, { signal: stop.signal, onprogress: () => stop.abort() })
    await expect(stopped).rejects.toThrow('aborted')
    expect(isImported(core, manifest)).toBe(false)
    expect(core.length).toBeGreaterThan(1)
    expect(await importFile(core, file, manifest, idle)).toEqual(
      createHash('sha256').update(content).digest()
    )
    expect(isImported(core, manifest)).toBe(true)
    expect(await core.get(65)).toEqual(content.subarray(-1))
  })

  it.each([
    ['shrinks', BYTES - BLOCK_SIZE],
    ['grows', BYTES + 1]
  ])('is not complete when the file %s during the import, and the error says so', async (_how, size) => {
    const onprogress = () => ftruncateSync(file.fd, size)
    await expect(importFile(core, file, manifest, { ...idle, onprogress })).rejects.toThrow(
      `the file changed while it was read: it had ${BYTES} bytes, now it has ${size}; share it again`
    )
    expect(isImported(core, manifest)).toBe(false)
  })
})

it.each([
  ['plain.txt', 'plain.txt'],
  ['/etc/passwd', 'passwd'],
  ['..\\..\\boot.ini', 'boot.ini'],
  ['..', 'shared-file'],
  ['', 'shared-file'],
  ['folder/', 'shared-file'],
  ['.bashrc', '_bashrc'],
  [' .bashrc', '_bashrc'],
  ['a\u0000b\u001b[31mc\n', 'a_b_[31mc_'],
  ['txt.\u202Eexe.pdf', 'txt._exe.pdf'],
  ['NUL.txt', '_NUL.txt'],
  ['ä'.repeat(300), 'ä'.repeat(100)]
])('makes a safe name of %j', (name, safe) => {
  expect(safeName(name)).toBe(safe)
})
