import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { installContender } from '../harness/install.js'
import type { ConnectionSample, Dials } from './dialler.js'

const PROGRAM = fileURLToPath(new URL('./libp2p/connections.mjs', import.meta.url))
const INSTALLED = new URL('./libp2p/node_modules/', import.meta.url)
/** Time for all connections of a trial (ms), before the benchmark fails. */
const TIMEOUT = 300_000
/** Bytes of output. The program prints about 100 for each connection. */
const MAX_OUTPUT = 16 * 1024 * 1024

const run = promisify(execFile)

/** Whether libp2p is installed in its own folder. */
export function isLibp2pInstalled(): boolean {
  return existsSync(INSTALLED)
}

export async function installLibp2p(): Promise<void> {
  await installContender('libp2p')
}

/**
 * Opens connections over libp2p's memory transport, in a process of its own.
 *
 * @param execPath a Node.js 22 or newer
 */
export async function openLibp2pConnections(
  execPath: string,
  { count, warmup, keepOpen }: Dials
): Promise<ConnectionSample[]> {
  const args = [PROGRAM, '--count', `${count}`, '--warmup', `${warmup}`, ...(keepOpen ? ['--keep-open'] : [])]
  const { stdout } = await run(execPath, args, { timeout: TIMEOUT, maxBuffer: MAX_OUTPUT })
  const { samples } = JSON.parse(stdout) as { samples: ConnectionSample[] }
  if (samples.length !== count)
    throw new Error(`libp2p opened ${samples.length} connections instead of ${count}`)
  return samples
}
