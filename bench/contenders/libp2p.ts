import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { installContender } from '../harness/install.js'
import type { ConnectionSample, OpenConnectionsOptions } from '../processes/connections.js'

const FOLDER = new URL('libp2p/', import.meta.url)
const PROGRAM = fileURLToPath(new URL('connections.mjs', FOLDER))
/** So that nothing waits for ever, in milliseconds. */
const TIMEOUT = 300_000
/** Bytes. The program prints a line of about 100 for each connection. */
const MAX_OUTPUT = 16 * 1024 * 1024

const run = promisify(execFile)

/** Whether libp2p is installed, which has a folder of its own. */
export function isLibp2pInstalled(): boolean {
  return existsSync(new URL('node_modules/', FOLDER))
}

export async function installLibp2p(): Promise<void> {
  await installContender('libp2p')
}

/** Opens connections over libp2p's memory transport, in a process of its own. */
export async function openLibp2pConnections(
  execPath: string,
  { count, warmup, keepOpen }: Pick<OpenConnectionsOptions, 'count' | 'warmup' | 'keepOpen'>
): Promise<ConnectionSample[]> {
  const args = [PROGRAM, '--count', `${count}`, '--warmup', `${warmup}`, ...(keepOpen ? ['--keep-open'] : [])]
  const { stdout } = await run(execPath, args, { timeout: TIMEOUT, maxBuffer: MAX_OUTPUT })
  const { samples } = JSON.parse(stdout) as { samples: ConnectionSample[] }
  if (samples.length !== count)
    throw new Error(`libp2p opened ${samples.length} connections instead of ${count}`)
  return samples
}
