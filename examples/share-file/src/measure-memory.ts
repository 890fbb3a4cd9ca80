// Shares and fetches files on a local DHT, and prints the most memory that each side ever had resident:
// `npm run memory`, or with sizes in MiB `npm run memory -- 64 512`, after a build. The temporary directory meanwhile
// holds the file, the sharer's copy of it and what was fetched.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Child } from './child.js'
import { type LocalDht, startLocalDht } from './local-dht.js'
import { writeRandomFile } from './random-file.js'

const MEBIBYTE = 1024 * 1024
const LIMIT_MEBIBYTES = 400
const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [256, 2048]

type Row = Readonly<Record<'file MiB' | 'share MiB' | 'fetch MiB' | 'import s' | 'fetch s', number>>

const dht = await startLocalDht()
const rows: Row[] = []
try {
  for (const mebibytes of sizes) rows.push(await measure(mebibytes, dht))
} finally {
  await dht[Symbol.asyncDispose]()
}
console.table(rows)
process.exitCode = rows.every(isWithinLimit) ? 0 : 1

async function measure(mebibytes: number, { bootstrap }: LocalDht): Promise<Row> {
  const directory = await mkdtemp(join(tmpdir(), 'share-file-memory-'))
  const children: Child[] = []
  const start = (...args: string[]) => {
    const child = new Child([...args, '--bootstrap', bootstrap])
    children.push(child)
    return child
  }
  try {
    const source = join(directory, 'source.bin')
    await writeRandomFile(source, mebibytes * MEBIBYTE)
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
      'import s': seconds(shared - begun),
      'fetch s': seconds(fetched - shared)
    }
  } finally {
    for (const child of children) await child.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

function isWithinLimit(row: Row): boolean {
  return row['share MiB'] < LIMIT_MEBIBYTES && row['fetch MiB'] < LIMIT_MEBIBYTES
}

async function peak(child: Child): Promise<number> {
  const { peakMemory } = await child.when('stopped')
  return Math.round(peakMemory / MEBIBYTE)
}

function seconds(ms: number): number {
  return Math.round(ms / 100) / 10
}
