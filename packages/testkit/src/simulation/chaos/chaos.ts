import type { SplitKind, Undo } from '@basestore/transport-memory'
import { sleep, sleepUntil } from '../clock-waits.js'
import { Ending } from '../ending.js'
import type { SimulatedPeer } from '../peer.js'
import type { World } from '../world.js'
import type { ChaosFault } from './plan.js'

/** How a network splits, and how many there have to be for that. */
const SPLITS: readonly (readonly [SplitKind, number])[] = [
  ['isolate', 2],
  ['majority', 2],
  ['random', 2],
  ['bridge', 3],
  ['ring', 4]
]
const MODES = ['drop', 'hold', 'reset'] as const
/** What a store keeps in a crash, as likely as each other. */
const KEPT = ['written', 'flushed'] as const

/** Carries out a plan of faults, and mends them. */
export class Chaos {
  readonly #world: World
  readonly #peers: ReadonlyMap<string, SimulatedPeer>
  readonly #ending = new Ending()

  /** @param signal ends all faults, and lets peers stay down */
  constructor(world: World, peers: ReadonlyMap<string, SimulatedPeer>, signal: AbortSignal) {
    this.#world = world
    this.#peers = peers
    signal.addEventListener('abort', this.#ending.end, { once: true })
  }

  /**
   * Resolves when the last fault is over and its peers are there again, at the end at the earliest.
   *
   * @param end virtual milliseconds
   * @throws what a peer's program throws when it starts again
   */
  async run(faults: readonly ChaosFault[], end: number): Promise<void> {
    const all = faults.map((fault) => this.#at(fault))
    await Promise.all([...all, this.#until(end)])
  }

  async #at(fault: ChaosFault): Promise<void> {
    await this.#until(fault.time)
    if (this.#ending.aborted) return
    const { id, kind, who, duration } = fault
    const obstacle = this.#obstacle(fault)
    const text = `chaos ${id}: ${kind}: ${who.join(', ') || 'all'}, ${duration} ms`
    this.#because(fault, () => this.#world.note(obstacle ? `${text}: not now, ${obstacle}` : text))
    if (!obstacle) await this.#carryOut(fault)
  }

  /** Why it cannot be, as things are. */
  #obstacle({ kind, who }: ChaosFault): string | undefined {
    if (kind === 'splits') return this.#splits.length === 0 ? 'too few are there' : undefined
    if (kind === 'resets' || kind === 'clogs') return undefined
    return this.#peers.get(who[0]!)?.state === 'running' ? undefined : 'it does not run'
  }

  #carryOut(fault: ChaosFault): void | Promise<void> {
    switch (fault.kind) {
      case 'resets':
        return this.#reset(fault)
      case 'splits':
        return this.#split(fault)
      case 'clogs':
        return this.#clog(fault)
      case 'crashes':
        return this.#crash(fault)
      case 'pauses':
        return this.#pause(fault)
      case 'churn':
        return this.#churn(fault)
    }
  }

  #reset(fault: ChaosFault): void {
    const [a, b] = fault.who
    this.#because(fault, () => this.#world.network.reset(a, b))
  }

  /** Those that are possible now. */
  get #splits(): readonly SplitKind[] {
    const up = [...this.#peers.values()].filter(({ isUp }) => isUp).length
    return SPLITS.filter(([, least]) => up >= least).map(([kind]) => kind)
  }

  async #split(fault: ChaosFault): Promise<void> {
    const { duration, random } = fault
    const possible = this.#splits
    const how = possible[random.below(possible.length)]!
    const mode = MODES[random.below(MODES.length)]!
    const undo = this.#because(fault, () => this.#world.network.split(how, { mode }))
    await this.#sleep(duration)
    this.#because(fault, undo)
  }

  async #clog(fault: ChaosFault): Promise<void> {
    const { who, duration, random } = fault
    const { network } = this.#world
    const undos: Undo[] = []
    for (const peer of who) {
      undos.push(this.#because(fault, () => network.partition(peer, () => true, { mode: 'hold' })))
      await this.#sleep(duration / who.length / 2)
    }
    for (const undo of random.shuffle(undos)) {
      await this.#sleep(duration / who.length / 2)
      this.#because(fault, undo)
    }
  }

  async #crash(fault: ChaosFault): Promise<void> {
    const { duration, random } = fault
    const peer = this.#victim(fault)
    const kept = KEPT[random.below(KEPT.length)]!
    const links = random.chance(1 / 2) ? 'silent' : 'reset'
    const store = this.#world.storage === 'memory' ? kept : 'written'
    this.#because(fault, () => peer.crash({ store, links }))
    await this.#sleep(duration)
    await this.#bringBack(peer)
  }

  async #pause(fault: ChaosFault): Promise<void> {
    const peer = this.#victim(fault)
    this.#because(fault, () => peer.pause())
    await this.#sleep(fault.duration)
    if (peer.state === 'paused') this.#because(fault, () => peer.resume())
  }

  async #churn(fault: ChaosFault): Promise<void> {
    const peer = this.#victim(fault)
    await this.#because(fault, () => peer.leave())
    await this.#sleep(fault.duration)
    await this.#bringBack(peer)
  }

  #victim({ who: [name] }: ChaosFault): SimulatedPeer {
    return this.#peers.get(name!)!
  }

  #because<T>({ id }: ChaosFault, work: () => T): T {
    return this.#world.because(id, work)
  }

  /** Unless the scenario has done so. */
  async #bringBack(peer: SimulatedPeer): Promise<void> {
    if (!this.#ending.aborted && peer.canRestart) await peer.restart()
  }

  #until(time: number): Promise<void> {
    return sleepUntil(this.#world.clock, time, this.#ending)
  }

  #sleep(ms: number): Promise<void> {
    return sleep(this.#world.clock, ms, this.#ending)
  }
}
