import { execFileSync } from 'node:child_process'

/**
 * Keeps processes on one core while `work` runs, where the system has `taskset`. Without it, two processes that wait for
 * each other in turn may or may not pay for waking another core, as the scheduler decides.
 */
export async function onOneCore<T>(pids: readonly number[], work: () => Promise<T>): Promise<T> {
  const before = pids.map(coresOf)
  const core = /\d+/.exec(before[0] ?? '')?.[0]
  if (!core) return work()
  const place = (cores: readonly string[]) => {
    for (const [at, pid] of pids.entries()) taskset('-apc', cores[at]!, `${pid}`)
  }
  place(pids.map(() => core))
  return work().finally(() => place(before))
}

/** The cores that a process may run on, as in `0-3`; empty where there is no `taskset`. */
function coresOf(pid: number): string {
  try {
    return taskset('-pc', `${pid}`).split(': ').at(-1)!.trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

function taskset(...args: string[]): string {
  return execFileSync('taskset', args, { encoding: 'utf8' })
}
