import type { TestCore } from '../../src/networks/store.js'
import type { SimulatedPeer, Simulation } from '../../src/simulation/index.js'

/** A log of one peer that other peers download. They open it again each time that they start. */
export class SharedLog {
  readonly core: TestCore
  readonly #copies = new Map<string, TestCore>()

  private constructor(core: TestCore) {
    this.core = core
  }

  static async of(writer: SimulatedPeer, blocks = 0): Promise<SharedLog> {
    const core = writer.store.get({ name: 'log' })
    await core.ready()
    for (let block = 0; block < blocks; block++) await core.append(`block ${block}`)
    await writer.networker.configure(core.discoveryKey, { flush: false })
    return new SharedLog(core)
  }

  /** The program of a reader. */
  read = async ({ name, store, networker }: SimulatedPeer): Promise<void> => {
    const copy = store.get({ key: this.core.key })
    await copy.ready()
    this.#copies.set(name, copy)
    copy.download({ start: 0, end: -1 })
    await networker.configure(this.core.discoveryKey, { flush: false })
  }

  /** How many blocks a reader has, counted from the first without a gap. */
  at({ name }: SimulatedPeer): number {
    return this.#copies.get(name)?.contiguousLength ?? 0
  }

  /** Resolves once each of some readers has so many blocks. */
  async until(
    sim: Simulation,
    readers: readonly SimulatedPeer[],
    blocks: number,
    within = 60_000
  ): Promise<void> {
    await sim.until(() => readers.every((reader) => this.at(reader) === blocks), {
      within,
      why: `${blocks} blocks at ${readers.map(({ name }) => name).join(', ')}`,
      who: readers
    })
  }
}
