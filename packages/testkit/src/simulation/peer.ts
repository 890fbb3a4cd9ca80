import { rm } from 'node:fs/promises'
import { type Networker, NetworkerError } from '@basestore/networker'
import type { OptionKinds } from '@basestore/networker/transport'
import { MemoryDisk } from '@basestore/storage-memory'
import type { Host, HostOptions, Undo } from '@basestore/transport-memory'
import { deferred } from '../deferred.js'
import type { TestStore } from '../networks/store.js'
import { watchBlocks } from './blocks.js'
import { sleep } from './clock-waits.js'
import { type CrashFault, crashDisk, readCrash } from './crash-fault.js'
import { Life, type NetworkerLike, placeOf } from './life.js'
import type { PeerContext } from './peer-context.js'
import { PeerDown } from './peer-down.js'
import { checkPeerOptions } from './peer-options.js'
import type { PeerEvent } from './trace.js'

export interface SimulatedPeerOptions {
  /** The peer's computer: bandwidth, NAT, maximum of links. */
  readonly host?: Omit<HostOptions, 'name'>
  /** Options of the peer's networker. */
  readonly networker?: NetworkerLike
  /**
   * The peer's program. It is called when the peer starts, and each time that it starts again. The call that starts the
   * peer waits for it, so begin long-running work with {@link SimulatedPeer.run}, and do not await that.
   */
  readonly start?: (peer: SimulatedPeer) => void | Promise<void>
}

const OPTIONS: OptionKinds<SimulatedPeerOptions> = { host: 'object', networker: 'object', start: 'function' }

export type PeerState = 'running' | 'paused' | 'crashed' | 'left'
type Step = Extract<PeerEvent, { type: 'peer' }>['what']

/** A peer of a simulation: a real networker over a real Corestore, on a computer that can fail. */
export class SimulatedPeer {
  readonly name: string
  readonly #context: PeerContext
  readonly #options: SimulatedPeerOptions
  readonly #disk = new MemoryDisk()
  #host: Host | null = null
  #life: Life | null = null
  #state: PeerState = 'left'
  /** How many there were. */
  #lives = 0
  #undoPause: Undo | null = null
  #resumed = deferred()
  #restarting = false
  /** When the last life has closed. It never rejects. */
  #closed: Promise<void> = Promise.resolve()

  /** @internal Made by `sim.peer`. */
  constructor(name: string, context: PeerContext, options: SimulatedPeerOptions) {
    checkPeerOptions(options, OPTIONS)
    this.name = name
    this.#context = context
    this.#options = options
    this.#resumed.resolve()
  }

  get state(): PeerState {
    return this.#state
  }

  /** Whether it has neither crashed nor left. */
  get isUp(): boolean {
    return this.#life !== null
  }

  /** @internal Whether {@link restart} can be called. */
  get canRestart(): boolean {
    return !this.isUp && !this.#restarting
  }

  /** The present networker. After a restart it is another one. @throws NetworkerError `INVALID_OPTION` when down */
  get networker(): Networker {
    return this.#alive().networker
  }

  /** The present store, as {@link networker}. Its keys follow from the seed and the peer's name. */
  get store(): TestStore {
    return this.#alive().store
  }

  /** The peer's computer in the network. */
  get host(): Host {
    return this.#alive().host
  }

  /**
   * Starts the peer again after a crash or a leave, with the same keys, and with what is left of its store.
   *
   * @throws NetworkerError `INVALID_OPTION` when it is up, and what its program throws
   */
  async restart(): Promise<void> {
    if (!this.canRestart) throw this.#misuse('is up; restart() is for one that crashed or has left')
    this.#restarting = true
    await this.#closed // until then, the last life may have the store open
    this.#restarting = false
    if (!this.#context.signal.aborted) await this.start('restart')
  }

  /** @internal */
  async start(step: 'start' | 'restart' = 'start'): Promise<void> {
    const { host, networker: options, start } = this.#options
    this.#host ??= this.#context.network.host({ ...host, name: this.name })
    const life = new Life(this.name, ++this.#lives, this.#context, {
      host: this.#host,
      disk: this.#disk,
      options
    })
    this.#life = life
    this.#enter('running', step)
    this.#watch(life)
    await this.run(async () => {
      await life.store.ready()
      await life.networker.listen()
      if (this.#life === life) await start?.(this)
    })
  }

  /**
   * Runs a part of the peer's program, until it is done, or until the peer crashes or leaves. An error of the work
   * after that is no failure.
   *
   * @throws what the work throws
   */
  async run(work: (peer: SimulatedPeer) => void | Promise<void>): Promise<void> {
    const { ending } = this.#alive()
    const ended = deferred()
    ending.addEventListener('abort', ended.resolve)
    try {
      await Promise.race([(async () => work(this))(), ended.promise])
    } finally {
      ending.removeEventListener('abort', ended.resolve)
    }
  }

  /**
   * Lets virtual milliseconds pass. While the peer's computer is paused, it sleeps on.
   *
   * @throws NetworkerError `INVALID_OPTION` when the peer crashes or leaves meanwhile, so that its program ends
   */
  async sleep(ms: number): Promise<void> {
    const { ending } = this.#alive()
    await this.#context.during(`${this.name} sleeps ${ms} ms`, async (signal) => {
      await sleep(this.#context.clock, ms, ending, signal)
      await this.#resumed.promise
    })
    if (ending.aborted) throw new PeerDown(`${this.name} is gone: its program ends here`)
  }

  /** Ends the peer from one moment to the next. @throws NetworkerError `INVALID_OPTION` when it is down */
  crash(fault: CrashFault = {}): void {
    const { network, storage } = this.#context
    const life = this.#alive()
    const { store, links } = readCrash(fault, storage)
    if (links === 'reset') this.#endPause() // otherwise the pause would hold the resets too
    network.kill(life.host, { mode: links })
    this.#host = null
    if (storage === 'memory') crashDisk(this.#disk, store)
    this.#end(life, 'crashed', 'crash')
    const closing = this.#destroy(life, store === 'wiped')
    this.#remember(closing.catch(this.#context.fail))
  }

  /** Stops the peer's computer, as SIGSTOP stops a process. @throws NetworkerError `INVALID_OPTION` unless it runs */
  pause(): void {
    if (this.#state !== 'running') throw this.#misuse(`is ${this.#state}; only one that runs can pause`)
    this.#undoPause = this.#context.network.pause(this.#alive().host)
    this.#resumed = deferred()
    this.#enter('paused', 'pause')
  }

  /** Lets the computer go on. @throws NetworkerError `INVALID_OPTION` unless it is paused */
  resume(): void {
    if (this.#state !== 'paused') throw this.#misuse(`is ${this.#state}; resume() is for one that pauses`)
    this.#enter('running', 'resume')
    this.#endPause()
  }

  /**
   * Closes the networker and the store, as when a user quits the app. A paused peer is resumed first.
   *
   * @throws NetworkerError `INVALID_OPTION` when it is down
   */
  async leave(): Promise<void> {
    const life = this.#alive()
    if (this.#state === 'paused') this.resume()
    this.#end(life, 'left', 'leave')
    const closing = life.close()
    this.#remember(closing)
    await closing
  }

  async #destroy(life: Life, wipe: boolean): Promise<void> {
    await life.destroy()
    if (wipe && this.#context.directory) {
      await rm(placeOf(this.name, this.#context), { recursive: true, force: true })
    }
  }

  #end(life: Life, state: 'crashed' | 'left', step: 'crash' | 'leave'): void {
    this.#life = null
    this.#enter(state, step)
    life.ending.end()
    this.#endPause()
  }

  #endPause(): void {
    this.#undoPause?.()
    this.#undoPause = null
    this.#resumed.resolve()
  }

  #remember(closing: Promise<void>): void {
    this.#closed = closing.catch(() => {}) // crash() and leave() tell of the error
    this.#context.addClosing(this.name, this.#closed)
  }

  #watch({ networker, store }: Life): void {
    const { name } = this
    const context = this.#context
    context.addKey(networker.keyPair.publicKey, name)
    networker.on('peer-add', ({ remotePublicKey }) => context.onconnection(name, remotePublicKey, true))
    networker.on('peer-remove', ({ remotePublicKey }) => context.onconnection(name, remotePublicKey, false))
    networker.on('fault', (error) => context.note(`${name}: fault: ${messageOf(error)}`))
    watchBlocks(store, (event) => {
      context.record({ type: 'blocks', time: context.clock.now(), peer: name, ...event })
    })
  }

  #enter(state: PeerState, step: Step): void {
    this.#state = state
    const time = this.#context.clock.now()
    this.#context.record({ type: 'peer', time, peer: this.name, what: step })
  }

  #alive(): Life {
    if (this.#life) return this.#life
    throw new PeerDown(`${this.name} has ${this.#state}; restart() it first`)
  }

  #misuse(detail: string): NetworkerError {
    return new NetworkerError('INVALID_OPTION', `${this.name} ${detail}`)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
