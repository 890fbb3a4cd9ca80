import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { promisify } from 'node:util'

const NEEDED_MAJOR = 22
const NPX_TIMEOUT = 180_000
const ON_WINDOWS = process.platform === 'win32'

const run = promisify(execFile)

/** @type {Promise<string> | null} */
let found = null

/**
 * The path of a Node.js 22 or newer: this one if it is, else the one that npm's package `node` carries.
 *
 * @returns {Promise<string>}
 */
export function node22() {
  found ??= majorOf(process.versions.node) >= NEEDED_MAJOR ? Promise.resolve(process.execPath) : fromNpm()
  return found
}

/** @returns {Promise<string>} */
async function fromNpm() {
  try {
    // Started elsewhere, so that no package.json or workspace around this file has a say.
    const args = ['-y', '-p', `node@${NEEDED_MAJOR}`, 'node', '-p', 'process.execPath']
    const options = { cwd: tmpdir(), timeout: NPX_TIMEOUT, shell: ON_WINDOWS }
    const path = lastLine((await run('npx', args, options)).stdout)
    const version = lastLine((await run(path, ['-p', 'process.versions.node'])).stdout)
    if (majorOf(version) < NEEDED_MAJOR) throw new Error(`npx gave Node.js ${version}`)
    return path
  } catch (cause) {
    const advice = `Run this with Node.js ${NEEDED_MAJOR}, or see why 'npx -y -p node@${NEEDED_MAJOR} node -v' fails`
    throw new Error(`No Node.js ${NEEDED_MAJOR} was found. ${advice}.`, { cause })
  }
}

/** @param {string} text */
function lastLine(text) {
  return text.trim().split(/\r?\n/).at(-1) ?? ''
}

/** @param {string} version */
function majorOf(version) {
  return Number.parseInt(version, 10)
}
