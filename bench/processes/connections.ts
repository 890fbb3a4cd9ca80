// Opens connections one after another, with both ends in this process: ours, or bare secret streams.
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { bareDialler } from '../contenders/bare/dialler.js'
import type { Connection, Dialler } from '../contenders/dialler.js'
import { networkerDialler } from '../contenders/ours/dialler.js'
import { serve } from '../harness/serve.js'

export interface OpenConnectionsOptions {
  /** `corestore` is ours with a Corestore that replicates, which both ends share. */
  readonly contender: 'ours' | 'bare' | 'corestore'
  readonly count: number
  /** Connections before those that count. */
  readonly warmup: number
  /** Whether connections stay open while the next are opened. */
  readonly keepOpen: boolean
  /** Where a Corestore makes its folder. */
  readonly directory: string
}

/** What one connection took. */
export interface ConnectionSample {
  /** Until both ends have it. */
  readonly ms: number
  /** Of this process meanwhile. */
  readonly cpuMs: number
  /** The first byte on it, there and back. */
  readonly roundTripMs: number
}

const handlers = {
  async openConnections({ count, warmup, keepOpen, ...options }: OpenConnectionsOptions) {
    const dialler = await diallerOf(warmup + count, options)
    const samples: ConnectionSample[] = []
    for (let left = warmup + count; left > 0; left--) samples.push(await sample(dialler, keepOpen))
    await dialler.close()
    return samples.slice(warmup)
  }
}

export type ConnectionsHandlers = typeof handlers

serve(handlers)

async function diallerOf(
  count: number,
  { contender, directory }: Pick<OpenConnectionsOptions, 'contender' | 'directory'>
): Promise<Dialler> {
  if (contender === 'bare') return bareDialler(count)
  if (contender === 'ours') return networkerDialler(count, { replicate() {} })
  const { default: Corestore } = await import('corestore') // not sooner, since it takes long
  const store = new Corestore(await mkdtemp(join(directory, 'corestore-')))
  await store.ready()
  return networkerDialler(count, store)
}

async function sample(dialler: Dialler, keepOpen: boolean): Promise<ConnectionSample> {
  await new Promise(setImmediate) // what the one before left is done
  const cpu = process.cpuUsage()
  const start = performance.now()
  const connection = await dialler.dial()
  const ms = performance.now() - start
  const { user, system } = process.cpuUsage(cpu)
  const roundTripMs = await roundTrip(connection)
  if (!keepOpen) await connection.close()
  return { ms, cpuMs: (user + system) / 1_000, roundTripMs }
}

async function roundTrip(connection: Connection): Promise<number> {
  const start = performance.now()
  const back = await connection.echo(Uint8Array.of(7))
  const ms = performance.now() - start
  if (back.byteLength !== 1 || back[0] !== 7) throw new Error('another byte came back')
  return ms
}
