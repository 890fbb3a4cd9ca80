import type { Simulation } from '@basestore/testkit/simulation'
import type { MemoryNetwork, Random } from '@basestore/transport-memory'
import type { JumpingClock } from './jumping-clock.js'
import { type Program, TOPIC } from './program.js'

const HOUR = 3_600_000

/** What an action works with. */
interface Scene {
  readonly sim: Simulation
  readonly networks: readonly MemoryNetwork[]
  readonly random: Random
  readonly clock: JumpingClock
}

/** Injects a fault, and resolves when it is over. */
type Action = (scene: Scene, one: Program, other: Program) => Promise<void>

/** Keeps all other actions off a program meanwhile. */
function alone(work: Action): Action {
  const action: Action = async (scene, one, other) => {
    one.isBusy = true
    await work(scene, one, other)
    one.isBusy = false
  }
  return Object.defineProperty(action, 'name', { value: work.name })
}

export const ACTIONS: readonly Action[] = [
  alone(async function crash({ sim, random }, one) {
    const down = random.chance(0.5) ? 0 : random.below(5_000)
    const mode = random.chance(0.7) ? 'silent' : 'reset'
    const dying = one.crash(mode)
    await sim.sleep(down)
    await dying
    await one.start()
  }),
  alone(async function quit({ sim, random }, one) {
    await one.quit()
    await sim.sleep(random.chance(0.5) ? 0 : random.below(5_000))
    await one.start()
  }),
  alone(async function suspend({ sim, random }, one) {
    const { networker } = one.run!
    await networker.suspend()
    await sim.sleep(random.below(5_000))
    await networker.resume()
  }),
  alone(async function copy({ sim, random }, one) {
    const end = await one.copy()
    await sim.sleep(2_000 + random.below(15_000))
    await end()
  }),
  async function jump({ random, clock }) {
    clock.offset = (random.unit() - 0.5) * 48 * HOUR
  },
  async function reset({ networks, random }, one, other) {
    for (const network of networks) if (random.chance(0.7)) network.reset(one.name, other.name)
  },
  async function partition({ sim, networks, random }, one, other) {
    const mode = (['drop', 'hold', 'reset'] as const)[random.below(3)]!
    const oneWay = random.chance(0.3)
    const heals = networks
      .filter(() => random.chance(0.8))
      .map((network) => network.partition(one.name, other.name, { mode, oneWay }))
    await sim.sleep(random.below(15_000))
    for (const heal of heals) heal()
  },
  async function pause({ sim, networks, random }, one) {
    const name = one.name
    const ends = networks.map((network) => network.pause(name))
    await sim.sleep(random.below(12_000))
    for (const end of ends) end()
  },
  async function dial(_, one, other) {
    if (!other.run || other.isBusy) return
    const dials = [one, other].map(async ({ run }, i) => {
      const remote = i === 0 ? other : one
      await run!.networker.connect(remote.keyPair.publicKey).catch(() => {}) // it may be refused, or crash
    })
    await Promise.all(dials)
  },
  async function disconnect({ random }, one, other) {
    const ban = random.chance(0.5) ? random.below(5_000) : 0
    one.run!.networker.disconnect(other.keyPair.publicKey, ban ? { ban } : {})
  },
  async function keep({ sim, random }, one, other) {
    const { networker } = one.run!
    const ended = new AbortController()
    const connected = networker
      .connect(other.keyPair.publicKey, { lasting: true, signal: ended.signal })
      .catch(() => {})
    await sim.sleep(random.below(10_000))
    ended.abort()
    await connected
  },
  async function refuse({ sim, random }, one, other) {
    if (one.refused.has(other)) return
    one.refused.add(other)
    if (random.chance(0.7)) one.run!.networker.disconnect(other.keyPair.publicKey)
    await sim.sleep(random.below(25_000))
    one.refused.delete(other)
    const { run } = one
    if (run && !one.isBusy) await run.networker.configure(TOPIC).catch(() => {}) // it may quit meanwhile
  }
]
