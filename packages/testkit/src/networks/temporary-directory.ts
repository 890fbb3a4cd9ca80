import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const PREFIX = 'basestore-'
const SIGNALS = ['SIGINT', 'SIGTERM'] as const
/** A database that is still open may write into its directory while that is being removed. */
const REMOVAL = { recursive: true, force: true, maxRetries: 5 } as const

/** Directories that are still to be removed. One listener serves all: Node.js warns of more than ten. */
const remaining = new Set<string>()

/**
 * Makes a directory that is removed when the process ends at the latest: by its own end, an error, `process.exit`,
 * SIGINT or SIGTERM. The directory does not keep the process alive.
 */
export async function makeTemporaryDirectory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), PREFIX))
  if (remaining.size === 0) listen()
  remaining.add(path)
  return path
}

/** If this fails, the end of the process tries once more. */
export async function removeTemporaryDirectory(path: string): Promise<void> {
  await rm(path, REMOVAL)
  if (remaining.delete(path) && remaining.size === 0) unlisten()
}

function listen(): void {
  process.on('exit', removeAll)
  for (const signal of SIGNALS) process.on(signal, onsignal)
}

function unlisten(): void {
  process.removeListener('exit', removeAll)
  for (const signal of SIGNALS) process.removeListener(signal, onsignal)
}

/** A listener keeps a signal from ending the process. When ours is the only one, we have to end it. */
function onsignal(signal: NodeJS.Signals): void {
  process.removeListener(signal, onsignal)
  if (process.listenerCount(signal) > 0) return // another listener decides when the process exits
  removeAll()
  process.kill(process.pid, signal)
}

function removeAll(): void {
  for (const path of remaining) {
    try {
      rmSync(path, REMOVAL)
    } catch {} // the process is ending: nobody is left to tell
  }
}
