import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const PREFIX = 'basestore-'
const SIGNALS = ['SIGINT', 'SIGTERM'] as const
/** A database that is still open may write while its directory is being removed. */
const REMOVAL = { recursive: true, force: true, maxRetries: 5 } as const

/** Those that nobody removed yet. One listener removes them all, for Node warns of eleven. */
const remaining = new Set<string>()

/**
 * Makes a directory that is gone when the process is, whether it returns, throws, calls `process.exit` or is
 * ended by SIGINT or SIGTERM. Nothing about it keeps the process from exiting.
 */
export async function makeTemporaryDirectory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), PREFIX))
  if (remaining.size === 0) listen()
  remaining.add(path)
  return path
}

/** When it fails, the exit tries once more. */
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

/** A listener keeps the signal from ending the process: without another one, that is up to us. */
function onsignal(signal: NodeJS.Signals): void {
  process.removeListener(signal, onsignal)
  if (process.listenerCount(signal) > 0) return // whoever listens may go on, and exits in the end
  removeAll()
  process.kill(process.pid, signal)
}

function removeAll(): void {
  for (const path of remaining) {
    try {
      rmSync(path, REMOVAL)
    } catch {} // nobody is left to be told
  }
}
