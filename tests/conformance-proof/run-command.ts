import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface Run {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Milliseconds after which a program that hangs is killed. */
export const CHILD_TIMEOUT = 120_000

export const runners = fileURLToPath(new URL('runners/', import.meta.url))

/** Runs node in the folder of the runners' suites. */
export function runNode(args: readonly string[], env: Record<string, string> = {}): Promise<Run> {
  return new Promise((resolve) => {
    const { NODE_OPTIONS: _options, NODE_TEST_CONTEXT: _context, VITEST: _vitest, ...rest } = process.env
    const options = {
      cwd: runners,
      env: { ...rest, NO_COLOR: '1', ...env },
      timeout: CHILD_TIMEOUT,
      maxBuffer: 2 ** 26
    }
    execFile(process.execPath, [...args], options, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr })
    })
  })
}
