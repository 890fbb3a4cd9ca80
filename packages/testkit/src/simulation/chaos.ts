import type { SplitKind, Undo } from '@basestore/transport-memory'
import type { ChaosFault } from './chaos-plan.js'
import { sleep } from './clock-waits.js'
import { Ending } from './ending.js'
import type { SimulatedPeer } from './peer.js'
import type { World } from './world.js'

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
    const peer = this.#peers.get(fault.peers[0] ?? '')
    const isIdle = needsPeer(kind) && peer?.state !== 'running'
    this.#world.note(
      `chaos ${id}: ${kind}: ${who}, ${duration} ms${isIdle ? ': not now, it does not run' : ''}`
    )
    if (!isIdle) await this.#carryOut(fault, peer!)
  }

  #carryOut(fault: ChaosFault, peer: SimulatedPeer): void | Promise<void> {
    switch (fault.kind) {
      case 'resets':
        return this.#reset(fault)
      case 'splits':
        return this.#split(fault)
      case 'clogs':
        return this.#clog(fault)
      case 'crashes':
        return this.#crash(peer, fault)
      case 'pauses':
        return this.#pause(peer, fault)
      case 'churn':
        return this.#churn(peer, fault)
    }
  }

  #reset({ peers: [a, b] }: ChaosFault): void {
    if (a !== undefined && b !== undefined) this.#world.network.reset(a, b)
  }

  async #split({ duration, random }: ChaosFault): Promise<void> {
    const up = [...this.#peers.values()].filter(({ isUp }) => isUp).length
    const possible = SPLITS.filter(([, least]) => up >= least)
    if (possible.length === 0) return
    const [how] = possible[random.below(possible.length)]!
    const undo = this.#world.network.split(how, { mode: MODES[random.below(MODES.length)]! })
    await this.#sleep(duration)
    undo()
  }

  async #clog({ peers, duration, random }: ChaosFault): Promise<void> {
    const undos: Undo[] = []
    for (const peer of peers) {
      undos.push(this.#world.network.partition(peer, () => true, { mode: 'hold' }))
      await this.#sleep(duration / peers.length / 2)
    }
    for (const undo of random.shuffle(undos)) {
      await this.#sleep(duration / peers.length / 2)
      undo()
    }
  }

  async #crash(peer: SimulatedPeer, { duration, random }: ChaosFault): Promise<void> {
    const kept = KEPT[random.below(KEPT.length)]!
    const links = random.chance(1 / 2) ? 'silent' : 'reset'
    peer.crash({ store: this.#world.storage === 'memory' ? kept : 'written', links })
    await this.#sleep(duration)
    await this.#bringBack(peer)
  }

  async #pause(peer: SimulatedPeer, { duration }: ChaosFault): Promise<void> {
    peer.pause()
    await this.#sleep(duration)
    if (peer.state === 'paused') peer.resume()
  }

  async #churn(peer: SimulatedPeer, { duration }: ChaosFault): Promise<void> {
    await peer.leave()
    await this.#sleep(duration)
    await this.#bringBack(peer)
  }

  /** Unless the scenario has done so. */
  async #bringBack(peer: SimulatedPeer): Promise<void> {
    if (!this.#ending.aborted && peer.canRestart) await peer.restart()
  }

  #until(time: number): Promise<void> {
    return this.#sleep(Math.max(time - this.#world.clock.now(), 0))
  }

  #sleep(ms: number): Promise<void> {
    return sleep(this.#world.clock, ms, this.#ending)
  }
}

function needsPeer(kind: ChaosFault['kind']): boolean {
  return kind === 'crashes' || kind === 'pauses' || kind === 'churn'
}
