// Opens connections one after another, with both ends in this process: ours, or bare secret streams.
import { bareDialler } from '../contenders/bare/dialler.js'
import type { Connection, ConnectionSample, Dialler, Dials } from '../contenders/dialler.js'
import { ourDialler } from '../contenders/ours/dialler.js'
import { NO_CORES } from '../contenders/ours/no-cores.js'
import { serve } from '../harness/serve.js'

export interface OpenConnectionsOptions extends Dials {
  /** `corestore` is ours with a Corestore that replicates, and that both ends share. */
  readonly contender: 'ours' | 'bare' | 'corestore'
  /** Folder in which a Corestore makes its own. */
  readonly directory: string
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
  if (contender === 'ours') return ourDialler(count, NO_CORES)
  // Imported here, since loading Corestore takes long and the others do without it.
  const { openStore } = await import('../harness/open-store.js')
  return ourDialler(count, await openStore(directory, 'corestore'))
}

async function sample(dialler: Dialler, keepOpen: boolean): Promise<ConnectionSample> {
  await new Promise(setImmediate) // so that what the connection before left to do is done
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
