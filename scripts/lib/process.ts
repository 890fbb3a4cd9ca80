import { spawn } from 'node:child_process'

export interface RunOptions {
  readonly cwd?: string
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>
  /** Milliseconds after which the program is ended. */
  readonly timeout?: number
}

export interface Run {
  /** Null when the timeout, or another signal, ended the program. */
  readonly code: number | null
  readonly stdout: string
  /** stdout and stderr, as they came. */
  readonly output: string
}

/** Runs a program to its end and collects what it prints. */
export function run(
  command: string,
  args: readonly string[],
  { cwd, env, timeout }: RunOptions = {}
): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      timeout,
      env: { ...process.env, NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe']
    })
    let stdout = ''
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      output += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stdout, output }))
  })
}

/** As {@link run}, but a program that fails is an error, which carries what it printed. @returns its stdout */
export async function mustRun(
  command: string,
  args: readonly string[],
  options: RunOptions = {}
): Promise<string> {
  const { code, stdout, output } = await run(command, args, options)
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ${how(code, options)}\n${output}`)
  return stdout
}

function how(code: number | null, { timeout }: RunOptions): string {
  return code === null ? `was ended, after ${timeout} ms or by a signal` : `ended with ${code}`
}

/** The pnpm that started this script, as a command and its first arguments. */
export function pnpm(): [string, ...string[]] {
  const { npm_execpath: path = '' } = process.env
  if (!path.includes('pnpm')) return ['pnpm']
  return /\.[cm]?js$/.test(path) ? [process.execPath, path] : [path]
}

/** Calls `work` for each item, with at most `limit` calls under way. Results keep the order of the items. */
export async function mapLimit<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>
): Promise<R[]> {
  const queue = items.entries()
  const results: R[] = []
  const worker = async () => {
    for (const [index, item] of queue) results[index] = await work(item)
  }
  await Promise.all(Array.from({ length: limit }, worker))
  return results
}
