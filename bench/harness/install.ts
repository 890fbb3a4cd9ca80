import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const FOLDERS = new URL('../contenders/', import.meta.url)
/** Time that npm gets for one contender (ms), before the benchmark fails. */
const INSTALL_TIMEOUT = 300_000
const ON_WINDOWS = process.platform === 'win32'
// The native parts ship prebuilds, so no package has to run a script.
const NPM_ARGS = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']

const run = promisify(execFile)

/**
 * Installs a contender's packages in its own folder, unless they are there and as new as its lockfile.
 *
 * @throws Error when npm fails; the message has the command to try by hand
 */
export async function installContender(name: 'networker-1' | 'libp2p'): Promise<void> {
  const folder = fileURLToPath(new URL(`${name}/`, FOLDERS))
  const locked = await changedAt(`${folder}package-lock.json`)
  if (!locked) throw new Error(`There is no contender '${name}': ${folder} has no package-lock.json.`)
  // npm writes this file last, so an install that was broken off counts as missing.
  const installed = await changedAt(`${folder}node_modules/.package-lock.json`)
  if (installed < locked) await install(name, folder)
}

async function install(name: string, folder: string): Promise<void> {
  try {
    await run('npm', NPM_ARGS, { cwd: folder, timeout: INSTALL_TIMEOUT, shell: ON_WINDOWS })
  } catch (cause) {
    const command = `cd ${folder} && npm ${NPM_ARGS.join(' ')}`
    const advice = `It needs npm and its registry; try by hand:\n  ${command}\n${outputOf(cause)}`
    throw new Error(`The contender '${name}' could not be installed. ${advice}`, { cause })
  }
}

/** Unix milliseconds; 0 where there is no such file. */
async function changedAt(file: string): Promise<number> {
  const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: 0 }))
  return mtimeMs
}

function outputOf(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message?: string }
  return (stderr || message || '').trim()
}
