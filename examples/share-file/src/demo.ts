import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Child } from './child.js'
import { firstLine } from './failure.js'
import { startLocalDht } from './local-dht.js'
import { size } from './report-lines.js'

const MEBIBYTE = 1024 * 1024
const FILE_BYTES = 64 * MEBIBYTE
/** Seconds after which the fetching process gives up, so that the demo never hangs. */
const TIMEOUT = '20'
/** Columns of the table. */
const LABEL = 34
const TIME = 11

const begun = performance.now()
const interrupt = new AbortController()
process.once('SIGINT', () => interrupt.abort(new Error('interrupted')))

/** Told in reverse order when all is over, whatever happened. */
const undo: (() => unknown)[] = []

async function demo(): Promise<void> {
  title(`One file of ${size(FILE_BYTES)}, two processes, a DHT of their own: all on loopback, over real UDP`)

  const directory = await mkdtemp(join(tmpdir(), 'share-file-demo-'))
  undo.push(() => rm(directory, { recursive: true, force: true }))
  const dht = await timed('Local DHT up', startLocalDht)
  undo.push(() => dht[Symbol.asyncDispose]())
  const source = join(directory, 'source.bin')
  const target = join(directory, 'copy.bin')
  await timed('Random file made', () => writeRandom(source, FILE_BYTES))

  const started = now()
  const common = ['--bootstrap', dht.bootstrap]
  const sharer = start(['share', source, '--store', join(directory, 'store'), ...common])
  const imported = await sharer.when('imported')
  row('Sharing process up, file imported', imported.at - started, `pid ${sharer.pid}`)
  const { key } = await sharer.when('sharing')

  const spawned = now()
  const fetcher = start(['fetch', key, '--out', target, '--timeout', TIMEOUT, ...common])
  const looking = await fetcher.when('looking')
  row('Fetching process up', looking.at - spawned, `pid ${fetcher.pid}`)
  const peer = await fetcher.when('peer')
  row('Peers met', peer.at - looking.at, `connected to ${peer.address}`)
  const found = await fetcher.when('found')
  row('First block', found.at - peer.at, `${found.name}, ${size(found.size)}`)
  const arrived = await fetcher.when('fetching', ({ bytes }) => bytes === FILE_BYTES)
  row('Transferred', arrived.at - found.at, rate(FILE_BYTES, arrived.at - found.at))
  const verified = await fetcher.when('verified')
  row('Verified by the fetcher', verified.at - arrived.at, `sha256 ${verified.sha256.slice(0, 16)}…`)
  const { ms } = await fetcher.when('acknowledged')
  const { delivered } = await sharer.when('serving', (told) => told.delivered > 0)
  row(
    'Extension message there and back',
    ms,
    `“received” → “thanks”; ${delivered} delivered, says the sharer`
  )

  const closing = now()
  const codes = [await fetcher.exited, await sharer.stop()]
  if (codes.some((code) => code !== 0)) throw new Error(`a process ended with ${codes.join(' and ')}`)
  row(
    'Both processes closed',
    now() - closing,
    `most memory: ${await peak(sharer)} sharing, ${await peak(fetcher)} fetching`
  )
  const sums = await timed(
    'Files compared',
    () => Promise.all([checksum(source), checksum(target)]),
    ([a]) => `sha256 ${a.slice(0, 16)}…`
  )
  if (sums[0] !== sums[1] || sums[0] !== verified.sha256)
    throw new Error(`checksums differ: ${sums.join(' and ')}`)
}

function start(args: string[]): Child {
  interrupt.signal.throwIfAborted()
  const child = new Child(args)
  undo.push(() => child.stop())
  return child
}

async function timed<T>(
  label: string,
  work: () => Promise<T>,
  detail: (result: T) => string = () => ''
): Promise<T> {
  interrupt.signal.throwIfAborted()
  const from = now()
  const result = await work()
  row(label, now() - from, detail(result))
  return result
}

async function writeRandom(path: string, bytes: number): Promise<void> {
  const file = await open(path, 'wx')
  try {
    for (let written = 0; written < bytes; written += MEBIBYTE) await file.write(randomBytes(MEBIBYTE))
  } finally {
    await file.close()
  }
}

async function checksum(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

async function peak(child: Child): Promise<string> {
  return size((await child.when('stopped')).peakMemory)
}

function rate(bytes: number, ms: number): string {
  return `${size(bytes)} at ${((bytes / MEBIBYTE / ms) * 1000).toFixed(1)} MiB/s`
}

function title(text: string): void {
  process.stdout.write(`\n  ${text}\n\n`)
}

function row(label: string, ms: number, detail = ''): void {
  const time = ms < 1000 ? `${ms.toFixed(ms < 10 ? 1 : 0)} ms` : `${(ms / 1000).toFixed(2)} s`
  process.stdout.write(`  ✔ ${label.padEnd(LABEL)}${time.padStart(TIME)}   ${detail}`.trimEnd().concat('\n'))
}

/** The clock that the children's reports go by. */
function now(): number {
  return performance.timeOrigin + performance.now()
}

try {
  await demo()
  title(
    `The copy is the original, byte for byte. ${((performance.now() - begun) / 1000).toFixed(1)} s in all.`
  )
} catch (error) {
  process.stderr.write(`\n  ✘ ${firstLine(interrupt.signal.aborted ? interrupt.signal.reason : error)}\n\n`)
  process.exitCode = 1
} finally {
  for (const step of undo.reverse()) await step()
}
