// Moves a random file between two processes over a DHT on loopback, and prints what each step took. The file has 64 MiB,
// or as many as the first argument says.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Child } from './child.js'
import { timestamp } from './events.js'
import { Failure, firstLine } from './failure.js'
import { startLocalDht } from './local-dht.js'
import { sha256File, writeRandomFile } from './random-file.js'
import { size } from './report-lines.js'

const MEBIBYTE = 1024 * 1024
const DEFAULT_MEBIBYTES = 64
/** After this time without a peer or a block the fetching process gives up (s), so that the demo never hangs. */
const TIMEOUT = '20'
/** Columns of the table. */
const LABEL = 34
const TIME = 11

const begun = performance.now()
const interrupt = new AbortController()
process.once('SIGINT', () => interrupt.abort(new Failure('interrupted')))

/** Run in reverse order at the end, also after an error. */
const undo: (() => unknown)[] = []

async function demo(bytes: number): Promise<void> {
  title(`One file of ${size(bytes)}, two processes, a DHT of their own: all on loopback, over real UDP`)
  const directory = await mkdtemp(join(tmpdir(), 'share-file-demo-'))
  undo.push(() => rm(directory, { recursive: true, force: true }))
  const dht = await timed('Local DHT up', startLocalDht)
  undo.push(() => dht[Symbol.asyncDispose]())
  const source = join(directory, 'source.bin')
  const target = join(directory, 'copy.bin')
  await timed('Random file made', () => writeRandomFile(source, bytes))

  const common = ['--bootstrap', dht.bootstrap]
  const { sharer, key } = await share(source, ['--store', join(directory, 'store'), ...common])
  const { fetcher, sha256 } = await fetch(key, bytes, ['--out', target, '--timeout', TIMEOUT, ...common])
  const { ms } = await fetcher.when('acknowledged')
  const { delivered } = await sharer.when('serving', (told) => told.delivered > 0)
  row(
    'Extension message there and back',
    ms,
    `“received” → “thanks”; ${delivered} delivered, says the sharer`
  )
  await close(sharer, fetcher)
  await compare([source, target], sha256)
}

async function share(source: string, options: string[]): Promise<{ sharer: Child; key: string }> {
  const started = timestamp()
  const sharer = start(['share', source, ...options])
  const imported = await sharer.when('imported')
  row('Sharing process up, file imported', imported.at - started, `pid ${sharer.pid}`)
  const { key } = await sharer.when('sharing')
  return { sharer, key }
}

async function fetch(
  key: string,
  bytes: number,
  options: string[]
): Promise<{ fetcher: Child; sha256: string }> {
  const started = timestamp()
  const fetcher = start(['fetch', key, ...options])
  const looking = await fetcher.when('looking')
  row('Fetching process up', looking.at - started, `pid ${fetcher.pid}`)
  const peer = await fetcher.when('peer')
  row('Peers met', peer.at - looking.at, `connected to ${peer.address}`)
  const found = await fetcher.when('found')
  row('First block', found.at - peer.at, `${found.name}, ${size(found.size)}`)
  const arrived = await fetcher.when('fetching', (told) => told.bytes === bytes)
  row('Transferred', arrived.at - found.at, rate(bytes, arrived.at - found.at))
  const { sha256, at } = await fetcher.when('verified')
  row('Verified by the fetcher', at - arrived.at, `sha256 ${sha256.slice(0, 16)}…`)
  return { fetcher, sha256 }
}

async function close(sharer: Child, fetcher: Child): Promise<void> {
  const closing = timestamp()
  const codes = [await fetcher.exited, await sharer.stop()]
  if (codes.some((code) => code !== 0)) throw new Error(`a process ended with ${codes.join(' and ')}`)
  const memory = `most memory: ${await peak(sharer)} sharing, ${await peak(fetcher)} fetching`
  row('Both processes closed', timestamp() - closing, memory)
}

async function compare(paths: string[], sha256: string): Promise<void> {
  const sums = await timed(
    'Files compared',
    () => Promise.all(paths.map(sha256File)),
    () => `sha256 ${sha256.slice(0, 16)}…`
  )
  if (sums.some((sum) => sum !== sha256))
    throw new Error(`checksums differ: ${sums.join(' and ')}, and ${sha256} says the fetcher`)
}

function start(args: string[]): Child {
  interrupt.signal.throwIfAborted()
  const child = new Child(args)
  undo.push(() => child.stop())
  return child
}

async function timed<T>(label: string, work: () => Promise<T>, detail = () => ''): Promise<T> {
  interrupt.signal.throwIfAborted()
  const started = timestamp()
  const result = await work()
  row(label, timestamp() - started, detail())
  return result
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

function mebibytes([text = String(DEFAULT_MEBIBYTES)]: string[]): number {
  const count = Number(text)
  if (Number.isInteger(count) && count > 0) return count
  throw new Failure(`pass the size of the file in MiB, such as 64, not ${text}`)
}

try {
  await demo(mebibytes(process.argv.slice(2)) * MEBIBYTE)
  const seconds = ((performance.now() - begun) / 1000).toFixed(1)
  title(`The copy is the original, byte for byte. ${seconds} s in all.`)
} catch (error) {
  process.stderr.write(`\n  ✘ ${firstLine(interrupt.signal.aborted ? interrupt.signal.reason : error)}\n\n`)
  process.exitCode = 1
} finally {
  for (const step of undo.reverse()) await step()
}
