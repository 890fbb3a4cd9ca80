import { rm } from 'node:fs/promises'
import { type Networker, NetworkerError } from '@basestore/networker'
import { MemoryDisk } from '@basestore/storage-memory'
import type { Host, HostOptions, Undo } from '@basestore/transport-memory'
import type { TestStore } from '../networks/store.js'
import { watchBlocks } from './blocks.js'
import { sleep } from './clock-waits.js'
import { type CrashOptions, checkCrash, crashDisk } from './crash.js'
import { Life, type NetworkerLike, placeOf } from './life.js'
import { PeerDown } from './peer-down.js'
import type { PeerEvent } from './trace.js'
import type { World } from './world.js'

export interface SimulatedPeerOptions {
  /** Its computer: bandwidth, NAT, maximum of links. */
  readonly host?: Omit<HostOptions, 'name'>
  /** Options of its networker. */
  readonly networker?: NetworkerLike
  /**
   * Its program: called when the peer starts, and whenever it starts again. Who starts the peer waits for it, so what
   * is to go on for long is begun with {@link SimulatedPeer.run} and not awaited.
   */
  readonly start?: (peer: SimulatedPeer) => void | Promise<void>
}

export type PeerState = 'running' | 'paused' | 'crashed' | 'left'
type What = Extract<PeerEvent, { type: 'peer' }>['what']

/** A peer of a simulation: a real networker over a real Corestore, on a computer that can fail. */
export class SimulatedPeer {
  readonly name: string
  readonly #world: World
  readonly #options: SimulatedPeerOptions
  readonly #disk = new MemoryDisk()
  #host: Host | null = null
  #life: Life | null = null
  #state: PeerState = 'left'
  #pause: Undo | null = null
  #resumed = Promise.resolve()
  #onresume = (): void => {}
  #restarting = false
  /** The last life's. It never rejects. */
  #closed: Promise<void> = Promise.resolve()

  /** @internal Made by `sim.peer`. */
  constructor(name: string, world: World, options: SimulatedPeerOptions) {
    this.name = name
    this.#world = world
    this.#options = options
  }

  get state(): PeerState {
    return this.#state
  }

  /** Whether it is neither crashed nor has left. */
  get isUp(): boolean {
    return this.#life !== null
  }

  /** @internal Whether {@link restart} can be called. */
  get canRestart(): boolean {
    return !this.isUp && !this.#restarting
  }

  /** Of its present life: after a restart it is another one. @throws when it crashed or left */
  get networker(): Networker {
    return this.#alive().networker
  }

  /** As {@link networker}. Its keys follow from the seed and the peer's name. */
  get store(): TestStore {
    return this.#alive().store
  }

  get host(): Host {
    return this.#alive().host
  }

  /**
   * Starts it again after a crash, or after it has left: with the same keys, and with the store that is left.
   *
   * @throws NetworkerError `INVALID_OPTION` when it is up, and what its program throws
   */
  async restart(): Promise<void> {
    if (!this.canRestart) throw this.#misuse('is up; restart() is for one that crashed or has left')
    this.#restarting = true
    await this.#closed // which may have the store open
    this.#restarting = false
    if (!this.#world.signal.aborted) await this.start('restart')
  }

  /** @internal */
  async start(what: 'start' | 'restart' = 'start'): Promise<void> {
    const { world, host, networker: options, start } = { world: this.#world, ...this.#options }
    this.#host ??= world.network.host({ ...host, name: this.name })
    const life = new Life(this.name, world, this.#host, this.#disk, options)
    this.#life = life
    this.#enter('running', what)
    this.#watch(life)
    await this.run(async () => {
      await life.store.ready()
      await life.networker.listen()
      if (this.#life === life) await start?.(this)
    })
  }

  /**
   * Runs a part of its program: until that is done, or the peer crashes or leaves. What fails because of that is no
   * failure.
   *
   * @throws what it throws
   */
  async run(work: (peer: SimulatedPeer) => void | Promise<void>): Promise<void> {
    const { ending } = this.#alive()
    let end = (): void => {}
    const ended = new Promise<void>((resolve) => {
      end = resolve
    })
    ending.addEventListener('abort', end)
    try {
      await Promise.race([(async () => work(this))(), ended])
    } finally {
      ending.removeEventListener('abort', end)
    }
  }

  /**
   * Lets virtual milliseconds pass, and those in which its computer stands still.
   *
   * @throws NetworkerError `INVALID_OPTION` when it crashes or leaves meanwhile, so that its program ends
   */
  async sleep(ms: number): Promise<void> {
    const { ending } = this.#alive()
    await this.#world.during(`${this.name} sleeps ${ms} ms`, async (over) => {
      await sleep(this.#world.clock, ms, ending, over)
      await this.#resumed
    })
    if (ending.aborted) throw new PeerDown(`${this.name} is gone: its program ends here`)
  }

  /** Ends it from one moment to the next. @throws NetworkerError `INVALID_OPTION` when it is down */
  crash(options: CrashOptions = {}): void {
    const { store = 'written', links = 'silent' } = options
    const { network, storage } = this.#world
    const life = this.#alive()
    checkCrash(store, storage)
    if (links === 'reset') this.#endPause() // or the resets would wait with all else
    network.kill(life.host, { mode: links })
    this.#host = null
    if (storage === 'memory') crashDisk(this.#disk, store)
    this.#end(life, 'crashed', 'crash')
    const ending = this.#bury(life, store === 'wiped')
    this.#remember(ending.catch(this.#world.fail))
  }

  /** Stops its computer, as SIGSTOP does a process. @throws NetworkerError `INVALID_OPTION` unless it is running */
  pause(): void {
    if (this.#state !== 'running') throw this.#misuse(`is ${this.#state}; only one that runs can pause`)
    this.#pause = this.#world.network.pause(this.#alive().host)
    this.#resumed = new Promise((resolve) => {
      this.#onresume = resolve
    })
    this.#enter('paused', 'pause')
  }

  /** @throws NetworkerError `INVALID_OPTION` unless it is paused */
  resume(): void {
    if (this.#state !== 'paused') throw this.#misuse(`is ${this.#state}; resume() is for one that pauses`)
    this.#enter('running', 'resume')
    this.#endPause()
  }

  /**
   * Closes its networker and its store, as a user does who quits. One that pauses goes on for that.
   *
   * @throws NetworkerError `INVALID_OPTION` when it is down
   */
  async leave(): Promise<void> {
    const life = this.#alive()
    if (this.#state === 'paused') this.resume()
    this.#end(life, 'left', 'leave')
    const ending = life.close()
    this.#remember(ending)
    await ending
  }

  async #bury(life: Life, wipe: boolean): Promise<void> {
    await life.bury()
    if (wipe && this.#world.directory)
      await rm(placeOf(this.name, this.#world), { recursive: true, force: true })
  }

  #end(life: Life, state: 'crashed' | 'left', what: 'crash' | 'leave'): void {
    this.#life = null
    this.#enter(state, what)
    life.ending.end()
    this.#endPause()
  }

  #endPause(): void {
    this.#pause?.()
    this.#pause = null
    this.#onresume()
  }

  #remember(ending: Promise<void>): void {
    this.#closed = ending.catch(() => {})
    this.#world.bury(this.name, this.#closed)
  }

  #watch({ networker, store }: Life): void {
    const world = this.#world
    world.addKey(networker.keyPair.publicKey, this)
    networker.on('peer-add', ({ remotePublicKey }) => world.onconnection(this, remotePublicKey, true))
    networker.on('peer-remove', ({ remotePublicKey }) => world.onconnection(this, remotePublicKey, false))
    networker.on('fault', (error) => world.note(`${this.name}: fault: ${messageOf(error)}`))
    watchBlocks(store, (event) => {
      world.record({ type: 'blocks', time: world.clock.now(), peer: this.name, ...event })
    })
  }

  #enter(state: PeerState, what: What): void {
    this.#state = state
    this.#world.record({ type: 'peer', time: this.#world.clock.now(), peer: this.name, what })
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
