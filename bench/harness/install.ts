import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const FOLDERS = new URL('../contenders/', import.meta.url)
const INSTALL_TIMEOUT = 300_000
const ON_WINDOWS = process.platform === 'win32'
// The native parts ship prebuilds, so no package has to run a script.
const NPM_ARGS = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']

const run = promisify(execFile)

/**
 * Installs a contender's packages in its own folder, unless they are there and as new as its lockfile.
 *
 * @param {'networker-1' | 'libp2p'} name
 * @returns {Promise<string>} the contender's folder
 */
export async function installContender(name) {
  const folder = fileURLToPath(new URL(`${name}/`, FOLDERS))
  const locked = await changedAt(`${folder}package-lock.json`)
  if (!locked) throw new Error(`There is no contender '${name}': ${folder} has no package-lock.json.`)
  // npm writes this file last, so an install that was broken off counts as missing.
  const installed = await changedAt(`${folder}node_modules/.package-lock.json`)
  if (installed < locked) await install(name, folder)
  return folder
}

/**
 * @param {string} name
 * @param {string} folder
 */
async function install(name, folder) {
  try {
    await run('npm', NPM_ARGS, { cwd: folder, timeout: INSTALL_TIMEOUT, shell: ON_WINDOWS })
  } catch (cause) {
    const command = `cd ${folder} && npm ${NPM_ARGS.join(' ')}`
    const advice = `It needs npm and its registry; try by hand:\n  ${command}\n${outputOf(cause)}`
    throw new Error(`The contender '${name}' could not be installed. ${advice}`, { cause })
  }
}

/** @param {string} file */
async function changedAt(file) {
  const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: 0 }))
  return mtimeMs
}

/** @param {unknown} error */
function outputOf(error) {
  const { stderr, message } = /** @type {{ stderr?: string, message?: string }} */ (error)
  return (stderr || message || '').trim()
}
