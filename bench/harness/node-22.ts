import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { promisify } from 'node:util'

const NEEDED_MAJOR = 22
/** Time that npm gets to fetch Node.js (ms), before the benchmark fails. */
const NPX_TIMEOUT = 180_000
const ON_WINDOWS = process.platform === 'win32'

const run = promisify(execFile)

let found: Promise<string> | undefined

/**
 * Finds a Node.js 22 or newer: this one if it is, else the one in npm's package `node`.
 *
 * @returns the path of its program
 */
export function node22(): Promise<string> {
  found ??= majorOf(process.versions.node) >= NEEDED_MAJOR ? Promise.resolve(process.execPath) : fromNpm()
  return found
}

async function fromNpm(): Promise<string> {
  try {
    const args = ['-y', '-p', `node@${NEEDED_MAJOR}`, 'node', '-p', 'process.execPath']
    // Another directory than this one: the package.json of our workspace would change what npx does.
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

function lastLine(text: string): string {
  return text.trim().split(/\r?\n/).at(-1) ?? ''
}

function majorOf(version: string): number {
  return Number.parseInt(version, 10)
}
