// Shares and fetches files on a local DHT, and prints the most memory that each side ever had resident:
// `npm run memory`, or with sizes in MiB `npm run memory -- 64 512`. Build first. The file, the sharer's copy of
// it and what was fetched lie in the temporary directory meanwhile.
import { randomFillSync } from 'node:crypto'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Child } from '../dist/child.js'
import { startLocalDht } from '../dist/local-dht.js'

const MEBIBYTE = 1024 * 1024
const LIMIT_MEBIBYTES = 400
const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [256, 2048]

const dht = await startLocalDht()
const results = []
try {
  for (const mebibytes of sizes) results.push(await measure(mebibytes))
} finally {
  await dht[Symbol.asyncDispose]()
}
console.table(results)
process.exitCode = results.every((r) => r['share MiB'] < LIMIT_MEBIBYTES && r['fetch MiB'] < LIMIT_MEBIBYTES)
  ? 0
  : 1

async function measure(mebibytes) {
  const directory = await mkdtemp(join(tmpdir(), 'share-file-memory-'))
  const children = []
  const start = (...args) => {
    const child = new Child([...args, '--bootstrap', dht.bootstrap])
    children.push(child)
    return child
  }
  try {
    const source = join(directory, 'source.bin')
    await writeRandom(source, mebibytes)
    const begun = performance.now()
    const share = start('share', source, '--store', join(directory, 'store'))
    const { key } = await share.when('sharing')
    const shared = performance.now()
    const fetch = start('fetch', key, '--out', join(directory, 'copy.bin'))
    if ((await fetch.exited) !== 0) throw new Error(fetch.stderr)
    const fetched = performance.now()
    await share.stop()
    return {
      'file MiB': mebibytes,
      'share MiB': await peak(share),
      'fetch MiB': await peak(fetch),
      'import s': Math.round((shared - begun) / 100) / 10,
      'fetch s': Math.round((fetched - shared) / 100) / 10
    }
  } finally {
    for (const child of children) await child.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

async function peak(child) {
  const { peakMemory } = await child.when('stopped')
  return Math.round(peakMemory / MEBIBYTE)
}

async function writeRandom(path, mebibytes) {
  const chunk = Buffer.allocUnsafe(MEBIBYTE)
  const file = await open(path, 'wx')
  try {
    for (let i = 0; i < mebibytes; i++) await file.write(randomFillSync(chunk))
  } finally {
    await file.close()
  }
}
