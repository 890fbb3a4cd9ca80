import { spawn } from 'node:child_process'

/**
 * Runs a program to its end and collects what it prints.
 *
 * @returns {Promise<{ code: number | null, stdout: string, output: string }>} `output` is stdout and stderr,
 * and `code` null when the timeout in milliseconds, or another signal, ended it
 */
export function run(command, args, { cwd, env, timeout } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      timeout,
      env: { ...process.env, NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe']
    })
    let stdout = ''
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text
      output += text
    })
    child.stderr.setEncoding('utf8').on('data', (text) => {
      output += text
    })
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stdout, output }))
  })
}

/** As {@link run}, but a program that fails is an error, which carries what it printed. @returns its stdout */
export async function mustRun(command, args, options) {
  const { code, stdout, output } = await run(command, args, options)
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ${how(code, options)}\n${output}`)
  return stdout
}

function how(code, { timeout } = {}) {
  return code === null ? `was ended, after ${timeout} ms or by a signal` : `ended with ${code}`
}

/** The pnpm that started this script, as a command and its first arguments. */
export function pnpm() {
  const path = process.env.npm_execpath ?? ''
  if (!path.includes('pnpm')) return ['pnpm']
  return /\.[cm]?js$/.test(path) ? [process.execPath, path] : [path]
}

/** Calls `work` for each item, with at most `limit` calls under way. Results keep the order of the items. */
export async function mapLimit(items, limit, work) {
  const queue = items.entries()
  const results = []
  const worker = async () => {
    for (const [index, item] of queue) results[index] = await work(item)
  }
  await Promise.all(Array.from({ length: limit }, worker))
  return results
}
