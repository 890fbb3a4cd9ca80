import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { usage } from '../src/serve.js'
import type { Download, PeerHandlers } from './peer.js'

const FOLDER = new URL('networker-1/', import.meta.url)
/** So that nothing waits for ever; the program ends what takes longer. Milliseconds. */
const TIMEOUT = 120_000

/** Whether 1.x is installed, which has a folder of its own for its old dependencies. */
export function isOldInstalled(): boolean {
  return existsSync(new URL('node_modules/', FOLDER))
}

/** A command of the program, without its number. */
export interface Command {
  readonly do: string
  readonly [option: string]: unknown
}

export interface Reply {
  readonly id: number
  readonly ok: boolean
  // biome-ignore lint/suspicious/noExplicitAny: each command has a value of its own
  readonly value: any
  readonly error?: string
  /** Milliseconds of a clock that all processes of the machine share. */
  readonly timing: { readonly startedAt: number; readonly finishedAt: number; readonly ms: number }
  /** Microseconds since the process began. */
  readonly cpuTotal: NodeJS.CpuUsage
  /** Microseconds of this command. */
  readonly cpu: NodeJS.CpuUsage
  readonly memory: NodeJS.MemoryUsage
}

/** The program of 1.x, which has a protocol of its own. */
export class OldProcess {
  readonly #process: ChildProcess
  readonly #waiting = new Map<number, (reply: Reply | null) => void>()
  #stderr = ''
  #ids = 0

  constructor(execArgv: readonly string[] = []) {
    const program = fileURLToPath(new URL('peer.cjs', FOLDER))
    this.#process = fork(program, { execArgv: [...execArgv], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    this.#process.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
    })
    this.#process.on('message', (reply: Reply) => this.#waiting.get(reply.id)?.(reply))
    this.#process.once('close', () => {
      for (const settle of this.#waiting.values()) settle(null)
    })
  }

  /** @throws Error what the program told, or that it ended */
  async run(command: Command): Promise<Reply> {
    const id = ++this.#ids
    const reply = await new Promise<Reply | null>((resolve) => {
      this.#waiting.set(id, resolve)
      if (!this.#process.connected) resolve(null)
      else this.#process.send({ timeout: TIMEOUT, ...command, id })
    }).finally(() => this.#waiting.delete(id))
    if (reply?.ok) return reply
    throw new Error(`${command.do}: ${reply?.error ?? `1.x ended before it answered:\n${this.#stderr}`}`)
  }

  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const gone = once(this.#process, 'close')
    this.#process.kill('SIGKILL')
    await gone
  }
}

type Answers = {
  [Name in keyof PeerHandlers]: (
    ...args: Parameters<PeerHandlers[Name]>
  ) => Promise<Awaited<ReturnType<PeerHandlers[Name]>>>
}

/** 1.x, asked like the others. */
export class OldPeer {
  readonly process: OldProcess
  readonly #answers: Partial<Answers> = {
    append: async (count, size) => {
      const name = `core ${++this.#names}`
      const { value } = await this.process.run({ do: 'append', name, count, size })
      return { key: Buffer.from(value.key, 'hex'), hash: value.digest }
    },
    join: async (key, options) =>
      (await this.process.run({ do: 'configure', key: hex(key), ...options })).timing.ms,
    first: (key) => this.#download(key, 1),
    download: (key, blocks) => this.#download(key, blocks),
    connections: async () => (await this.process.run({ do: 'usage' })).value.peers,
    usage: async () => toUsage(await this.process.run({ do: 'usage', gc: this.#exposesGc })),
    close: async () => {
      await this.process.run({ do: 'close' })
    }
  }
  readonly #exposesGc: boolean
  #names = 0

  constructor(execArgv: readonly string[] = []) {
    this.process = new OldProcess(execArgv)
    this.#exposesGc = execArgv.includes('--expose-gc')
  }

  /** @param storage a folder; without one it keeps all in memory, as 1.x can */
  async open(bootstrap: readonly string[], storage: string | null): Promise<void> {
    await this.process.run({ do: 'open', bootstrap, storage, listen: true })
  }

  ask<Name extends keyof PeerHandlers>(
    name: Name,
    ...args: Parameters<PeerHandlers[Name]>
  ): Promise<Awaited<ReturnType<PeerHandlers[Name]>>> {
    const answer = this.#answers[name] as Answers[Name] | undefined
    if (!answer) throw new Error(`1.x has no ${name}`)
    return answer(...args)
  }

  kill(): Promise<void> {
    return this.process.kill()
  }

  async #download(key: Uint8Array, end: number): Promise<Download> {
    const command = { do: 'get', key: hex(key), range: { start: 0, end }, join: { lookup: true } }
    const { value, timing, cpu } = await this.process.run(command)
    return { ms: timing.ms, cpu: seconds(cpu), hash: value.digest, bytes: value.bytes }
  }
}

function toUsage({ cpuTotal, memory }: Reply): ReturnType<typeof usage> {
  return { cpu: seconds(cpuTotal), rss: memory.rss, heapUsed: memory.heapUsed }
}

function seconds({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1e6
}

function hex(key: Uint8Array): string {
  return Buffer.from(key).toString('hex')
}
