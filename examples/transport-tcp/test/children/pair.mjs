import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const PEER = fileURLToPath(new URL('./peer.mjs', import.meta.url))
/** Time limit of one process (ms). */
const BOUND = 60_000

/**
 * Lets one process write and another read. Resolves to what the reader printed, once both have exited by themselves.
 *
 * @param {{ command: string[], options: object }[]} machines how to run node on each of the two, and its transports' options
 */
export async function replicateBetween([writing, reading]) {
  const children = []
  const start = ({ command: [file, ...args], options }, key) => {
    const child = spawn(file, [...args, PEER, JSON.stringify({ ...options, key })], {
      stdio: ['pipe', 'pipe', 'inherit'],
      timeout: BOUND,
      killSignal: 'SIGKILL'
    })
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const exit = once(child, 'exit')
    children.push(child)
    return { child, exit, line: async () => JSON.parse((await lines.next()).value ?? '{}') }
  }
  try {
    const writer = start(writing)
    const { key } = await writer.line()
    const reader = start(reading, key)
    const result = await reader.line()
    writer.child.stdin.end()
    for (const { exit } of [writer, reader]) {
      const [code, signal] = await exit
      if (code !== 0) throw new Error(`a process ended with ${signal ?? code}`)
    }
    return result
  } finally {
    for (const child of children) child.kill('SIGKILL')
  }
}
