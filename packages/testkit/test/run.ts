import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface Run {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export const runners = fileURLToPath(new URL('runners/', import.meta.url))

/** Runs a program with node in the folder of the runners' suites. It is killed after a minute. */
export function runNode(args: readonly string[], env: Record<string, string> = {}): Promise<Run> {
  return new Promise((resolve) => {
    const { NODE_OPTIONS: _options, NODE_TEST_CONTEXT: _context, VITEST: _vitest, ...rest } = process.env
    const options = {
      cwd: runners,
      env: { ...rest, NO_COLOR: '1', ...env },
      timeout: 60_000,
      maxBuffer: 2 ** 26
    }
    execFile(process.execPath, [...args], options, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr })
    })
  })
}
