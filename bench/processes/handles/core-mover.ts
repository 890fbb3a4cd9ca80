import type { Peer, PeerOptions, StartPeer } from './peers.js'

const MIB = 1024 ** 2
const GIB = 1024 ** 3
/** Bytes of a block. */
const BLOCK = 64 * 1_024

/** The costs of moving a core from one process to another. */
export interface Move {
  /** Time from the join to the last block. */
  readonly seconds: number
  readonly mibPerSecond: number
  /** CPU time of the writer's process (s/GiB). */
  readonly writer: number
  /** CPU time of the reader's process (s/GiB). */
  readonly reader: number
}

/** Moves cores from one writer, which stays, to a new reader each time. */
export class CoreMover {
  readonly #contender: Parameters<StartPeer>[0]
  readonly #start: StartPeer
  readonly #options: PeerOptions
  readonly #cores = new Map<number, { key: Uint8Array; hash: string }>()
  #writer: Peer | undefined

  constructor(contender: Parameters<StartPeer>[0], start: StartPeer, options: PeerOptions = {}) {
    this.#contender = contender
    this.#start = start
    this.#options = options
  }

  /**
   * Moves a core of so many MiB. A size that was moved before is the same core.
   *
   * @throws Error when other bytes arrive than were sent
   */
  async move(mib: number): Promise<Move> {
    this.#writer ??= await this.#start(this.#contender, this.#options)
    const writer = this.#writer
    const { key, hash } = this.#cores.get(mib) ?? (await this.#fill(writer, mib))
    const reader = await this.#start(this.#contender, this.#options)
    const before = await writer.ask('usage')
    const got = await reader.ask('download', key, (mib * MIB) / BLOCK)
    const after = await writer.ask('usage')
    await reader.ask('close')
    await reader.kill()
    if (got.hash !== hash || got.bytes !== mib * MIB) throw new Error(`${this.#contender} moved other bytes`)
    const gib = got.bytes / GIB
    return {
      seconds: got.ms / 1_000,
      mibPerSecond: mib / (got.ms / 1_000),
      writer: (after.cpu - before.cpu) / gib,
      reader: got.cpu / gib
    }
  }

  async #fill(writer: Peer, mib: number): Promise<{ key: Uint8Array; hash: string }> {
    const core = await writer.ask('append', (mib * MIB) / BLOCK, BLOCK)
    await writer.ask('join', core.key, { announce: true, lookup: false, flush: true })
    this.#cores.set(mib, core)
    return core
  }

  async end(): Promise<void> {
    await this.#writer?.kill()
  }
}
