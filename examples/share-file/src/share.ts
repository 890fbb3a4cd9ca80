import { once } from 'node:events'
import type Hypercore from 'hypercore'
import { checkSpace } from './disk-space.js'
import type { Report } from './events.js'
import { Failure } from './failure.js'
import { importFile, isImported, readFooter } from './file-core.js'
import { openDisposableStore, openStore } from './file-store.js'
import { openNetwork } from './network.js'
import { acceptReceipts } from './receipts.js'
import { cachedStorePath, isUnchanged, openSourceFile, type SourceFile } from './source-file.js'

/** How often the live line changes at most, in milliseconds. */
const LIVE_MS = 250

export interface ShareOptions {
  /** Where to keep the copy that is served. @default a directory in the user's cache */
  readonly store: string | undefined
  readonly bootstrap: readonly string[]
  readonly report: Report
  /** Ends the serving. */
  readonly signal: AbortSignal
}

/** Copies a file into a core and serves it until the signal aborts. */
export async function shareFile(path: string, { store: given, ...options }: ShareOptions): Promise<void> {
  const source = await openSourceFile(path)
  try {
    const storePath = given ?? (await cachedStorePath(source))
    const store = given ? await openStore(given) : await openDisposableStore(storePath)
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
  } finally {
    await source.handle.close()
  }
}

async function copyIn(
  core: Hypercore,
  source: SourceFile,
  { report, signal }: Pick<ShareOptions, 'report' | 'signal'>
): Promise<string> {
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
  networker: ReturnType<typeof openNetwork>['networker'],
  sha256: string,
  { report, signal }: Pick<ShareOptions, 'report' | 'signal'>
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
    // Both, so that the two find each other whoever comes first.
    await networker.configure(core.discoveryKey, { announce: true, lookup: true, flush: false })
    await stopped
    tell()
  } finally {
    clearInterval(live)
  }
}
