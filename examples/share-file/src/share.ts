import { once } from 'node:events'
import type { Networker } from '@basestore/networker'
import type Hypercore from 'hypercore'
import { cachedStorePath } from './cache.js'
import { checkSpace } from './disk-space.js'
import type { Report } from './events.js'
import { Failure } from './failure.js'
import { importFile, isImported, readFooter } from './file-core.js'
import { openDisposableStore, openStore } from './file-store.js'
import { openNetwork } from './network.js'
import { acceptReceipts } from './receipts.js'
import { isUnchanged, type SourceFile } from './source-file.js'

/** The live line changes at most this often (ms). */
const LIVE_MS = 250

export interface ShareOptions {
  /** Where the copy that is served is kept. @default a directory in the user's cache */
  readonly store: string | undefined
  readonly bootstrap: readonly string[]
  readonly report: Report
  /** Ends the serving. */
  readonly signal: AbortSignal
}

type Following = Pick<ShareOptions, 'report' | 'signal'>

/** Copies a file into a core, and serves it until the signal aborts. */
export async function shareFile(source: SourceFile, options: ShareOptions): Promise<void> {
  const storePath = options.store ?? (await cachedStorePath(source))
  const store = await (options.store ? openStore : openDisposableStore)(storePath)
  try {
    const core = store.get({ name: source.version })
    await core.ready()
    if (!isImported(core, source.manifest))
      await checkSpace(storePath, source.manifest.size - core.byteLength)
    const sha256 = await copyIn(core, source, options)
    const network = openNetwork(store, options.bootstrap)
    try {
      options.report.tell({ event: 'sharing', key: core.id, store: storePath })
      await serve(core, network.networker, sha256, options)
    } finally {
      await network.close()
    }
  } finally {
    await store.close()
  }
}

async function copyIn(core: Hypercore, source: SourceFile, { report, signal }: Following): Promise<string> {
  const { handle, manifest } = source
  const { name, size } = manifest
  const again = isImported(core, manifest)
  const onprogress = (bytes: number) => report.tell({ event: 'importing', bytes, size })
  const checksum = again
    ? await readFooter(core, manifest)
    : await importFile(core, handle, manifest, { signal, onprogress })
  if (!(await isUnchanged(source))) {
    throw new Failure(`${source.path} changed while it was read; share it again`)
  }
  report.tell({ event: 'imported', name, size, again })
  return checksum.toString('hex')
}

async function serve(
  core: Hypercore,
  networker: Networker,
  sha256: string,
  { report, signal }: Following
): Promise<void> {
  let sent = 0
  let delivered = 0
  let told = ''
  const tell = () => {
    const now = { peers: networker.peers.size, sent, delivered }
    const text = JSON.stringify(now)
    if (text === told) return
    told = text
    report.tell({ event: 'serving', ...now })
  }
  core.on('upload', (_index: number, bytes: number) => {
    sent += bytes
  })
  acceptReceipts(networker, sha256, () => {
    delivered++
  })
  const live = setInterval(tell, LIVE_MS)
  try {
    tell()
    const stopped = signal.aborted ? Promise.resolve() : once(signal, 'abort')
    // Both sides announce and look up, so that they find each other whichever comes first.
    await networker.configure(core.discoveryKey, { announce: true, lookup: true, flush: false })
    await stopped
    tell()
  } finally {
    clearInterval(live)
  }
}
