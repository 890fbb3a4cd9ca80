import { mkdir, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type Corestore from 'corestore'
import type Hypercore from 'hypercore'
import { checkSpace } from './disk-space.js'
import { download } from './download.js'
import type { Report } from './events.js'
import { codeOf, Failure, fileFailure, Malformed } from './failure.js'
import { readFooter } from './file-core.js'
import { openDisposableStore, openStore } from './file-store.js'
import { bytesInBlock, decodeManifest, type FileManifest, footerIndex, safeName } from './manifest.js'
import { type Network, openNetwork } from './network.js'
import { checkTarget, PartFile } from './part-file.js'
import { Receipt } from './receipts.js'
import { percent } from './report-lines.js'
import { Watchdog } from './watchdog.js'

/** Bytes requested at a time: with a round trip of 100 ms, 80 MB a second still arrive. */
const AHEAD_BYTES = 8 * 1024 * 1024
/** After so many bytes the part file is synced, and the core's copy of them cleared. */
const CHECKPOINT_BYTES = 16 * 1024 * 1024
/** How many of the key's 52 letters a file name holds, to tell one fetch from another. */
const ID_LETTERS = 8

export interface FetchOptions {
  /** The path to save the file at. @default the name that the sharer gave the file, in the current directory */
  readonly target: string | undefined
  /** Where blocks are kept until they are written. @default `<target>.share-file`, deleted at the end */
  readonly store: string | undefined
  readonly bootstrap: readonly string[]
  /** How long to wait for a peer, or for the next block (ms). */
  readonly timeout: number
  /** Whether to replace a file at the target. */
  readonly force: boolean
  readonly report: Report
  /** Ends the fetch. What has arrived is kept. */
  readonly signal: AbortSignal
}

/**
 * Fetches the file behind a key and saves it.
 *
 * @param key in z32, 52 letters
 */
export async function fetchFile(key: string, options: FetchOptions): Promise<void> {
  const storePath = options.store ?? `${options.target ?? resolve(key.slice(0, ID_LETTERS))}.share-file`
  await makeDirectory(storePath, { recursive: options.store !== undefined })
  const store = await (options.store ? openStore : openDisposableStore)(storePath)
  const fetching = new Fetch(store, key, options)
  try {
    await fetching.run()
  } finally {
    await fetching.close()
    await store.close()
    if (!options.store && !fetching.resumable) await rm(storePath, { recursive: true, force: true })
  }
}

class Fetch {
  readonly #options: FetchOptions
  readonly #key: string
  readonly #core: Hypercore
  readonly #network: Network
  readonly #receipt: Receipt
  readonly #watchdog: Watchdog
  /** Aborts when the user stops the fetch, and when nothing arrived for too long. */
  readonly #signal: AbortSignal
  #part: PartFile | null = null
  #size = 0
  #peersMet = 0
  #useless = false

  constructor(store: Corestore, key: string, options: FetchOptions) {
    this.#key = key
    this.#options = options
    this.#core = store.get({ key })
    this.#watchdog = new Watchdog(options.timeout, () => this.#silence())
    this.#signal = AbortSignal.any([options.signal, this.#watchdog.signal])
    this.#network = openNetwork(store, options.bootstrap)
    this.#receipt = new Receipt(this.#network.networker)
  }

  /** Whether the disk holds something that another run can continue with. */
  get resumable(): boolean {
    return !this.#useless && this.#part !== null && this.#part.bytes > 0
  }

  async run(): Promise<void> {
    // Only closing the core ends a read that waits for a block.
    const stop = () => void this.#core.close().catch(() => {})
    this.#signal.addEventListener('abort', stop)
    try {
      this.#signal.throwIfAborted()
      await this.#fetch()
    } catch (error) {
      this.#useless = error instanceof Malformed
      this.#signal.throwIfAborted()
      throw error
    } finally {
      this.#watchdog.rest()
      this.#signal.removeEventListener('abort', stop)
    }
  }

  async close(): Promise<void> {
    this.#watchdog.rest()
    const part = this.#part
    if (part) {
      await part.close()
      if (!this.resumable) await rm(part.path, { force: true })
    }
    await this.#network.close()
  }

  async #fetch(): Promise<void> {
    const { report } = this.#options
    await this.#join()
    const manifest = decodeManifest(await this.#core.get(0))
    const footer = await readFooter(this.#core, manifest)
    const target = await this.#chooseTarget(manifest)
    report.tell({ event: 'found', name: safeName(manifest.name), size: manifest.size, target })

    const part = await this.#openPart(target, manifest)
    await this.#fill(part, manifest)
    const sha256 = part.checksum().toString('hex')
    if (sha256 !== footer.toString('hex')) {
      throw new Malformed(
        'what arrived is not what was shared: the checksums differ; nothing was kept, fetch it again'
      )
    }
    report.tell({ event: 'verified', sha256 })
    await this.#place(part, target)
    report.tell({ event: 'saved', target, size: manifest.size })
    const ms = await this.#receipt.send(sha256)
    if (ms !== null) report.tell({ event: 'acknowledged', ms })
  }

  async #join(): Promise<void> {
    const { networker } = this.#network
    const { report } = this.#options
    await this.#core.ready()
    networker.on('peer-add', ({ remoteAddress }) => {
      this.#peersMet++
      report.tell({ event: 'peer', address: remoteAddress })
    })
    this.#watchdog.touch()
    report.tell({ event: 'looking', key: this.#key })
    // Both sides announce and look up, so that they find each other whichever comes first.
    await networker.configure(this.#core.discoveryKey, { announce: true, lookup: true, flush: false })
  }

  async #chooseTarget({ name }: FileManifest): Promise<string> {
    if (this.#options.target) return this.#options.target
    const target = resolve(safeName(name))
    await checkTarget(target, { overwrite: this.#options.force })
    return target
  }

  async #openPart(target: string, manifest: FileManifest): Promise<PartFile> {
    // Reading what an earlier run left may take longer than the time-out.
    this.#watchdog.rest()
    const path = `${target}.${this.#key.slice(0, ID_LETTERS)}.part`
    const part = await PartFile.open(path, manifest).catch((error: unknown) => {
      throw fileFailure('cannot write', path, error)
    })
    this.#part = part
    this.#size = manifest.size
    if (part.bytes > 0)
      this.#options.report.tell({ event: 'resuming', bytes: part.bytes, size: manifest.size })
    await checkSpace(dirname(target), manifest.size - part.bytes)
    this.#watchdog.touch()
    return part
  }

  async #fill(part: PartFile, manifest: FileManifest): Promise<void> {
    const { report } = this.#options
    const { blockSize, size } = manifest
    const ahead = Math.max(2, Math.floor(AHEAD_BYTES / blockSize))
    let index = 1 + Math.ceil(part.bytes / blockSize)
    let cleared = index
    for await (const block of download(this.#core, { start: index, end: footerIndex(manifest), ahead })) {
      this.#watchdog.touch()
      if (block.byteLength !== bytesInBlock(manifest, index)) {
        throw new Malformed(
          `the shared file is malformed: block ${index} is ${block.byteLength} bytes long; ask its sharer to share it again`
        )
      }
      await this.#write(part, () => part.append(block))
      index++
      report.tell({ event: 'fetching', bytes: part.bytes, size })
      if ((index - cleared) * blockSize < CHECKPOINT_BYTES) continue
      // Synced before it is cleared: at each moment one of the two is on the disk, also when the power fails.
      await this.#write(part, () => part.sync())
      await this.#core.clear(cleared, index)
      cleared = index
    }
  }

  async #place(part: PartFile, target: string): Promise<void> {
    this.#watchdog.rest()
    await this.#write(part, () => part.place(target, { overwrite: this.#options.force }), target)
    this.#part = null
  }

  async #write(part: PartFile, work: () => Promise<void>, path = part.path): Promise<void> {
    try {
      await work()
    } catch (error) {
      throw fileFailure('cannot write', path, error)
    }
  }

  #silence(): Failure {
    const seconds = `${this.#options.timeout / 1000} s`
    if (this.#part) {
      const done = percent(this.#part.bytes, this.#size)
      return new Failure(`no data for ${seconds}, at ${done} %; run the same command again to resume`)
    }
    if (this.#peersMet > 0) {
      return new Failure(`peers were found, but none had the file within ${seconds}; check the key`)
    }
    return new Failure(`no peer was found within ${seconds}; check the key, and that somebody is sharing it`)
  }
}

async function makeDirectory(path: string, { recursive }: { recursive: boolean }): Promise<void> {
  try {
    await mkdir(path, { recursive })
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw fileFailure('cannot keep data in', path, error)
  }
}
