import type { OnlineState } from '@basestore/networker/transport'
import { onDht } from './dht-events.js'
import { connectFailed } from './options.js'
import { Pause } from './pause.js'
import { hasNodes, noop, type Swarm } from './swarm.js'

/** Time between two looks: at our relays while online, at the DHT while it does not answer (ms). */
const LOOK_INTERVAL = 2_000
/** Nodes that are asked whether they still answer. A packet or two may get lost. */
const PINGS = 3

interface ReachabilityContext {
  readonly swarm: Swarm
  /** Whether the swarm is to listen. One of the user's does when the user has it announce something. */
  readonly listens: boolean
  /** Tells whether others can reach us. */
  ononline(state: OnlineState): void
  /** The network was lost, and others can reach us again. The DHT may have forgotten what it was told before. */
  onback(): void
  onfault(error: unknown): void
}

/**
 * Watches whether the DHT answers and whether others can reach us. While they cannot, it has our server announce
 * itself: HyperDHT would do so after five minutes, and Hyperswarm announces topics again after ten.
 */
export class Reachability {
  readonly #context: ReachabilityContext
  #state: OnlineState = 'offline'
  /** The run of the watch; null while stopped. */
  #run: object | null = null
  #unlisten: (() => void)[] = []
  /** Wake what waits for a sign that the network is back. */
  readonly #sleepers = new Set<() => void>()
  /** Whether the DHT has to be asked if it still answers. */
  #doubt = false
  /** Whether the network was lost, or became another one, since others could reach us. */
  #lost = false
  /** The server's relays in the network that was lost. */
  #lostRelays: readonly unknown[] = []
  /** Whether trouble was told since others could reach us. */
  #told = false

  constructor(context: ReachabilityContext) {
    this.#context = context
  }

  /** Whether the DHT does not answer, or we are stopped: then a query would be in vain. */
  get offline(): boolean {
    return this.#state === 'offline'
  }

  /** Whether others that find our key can reach us: nodes of the DHT relay their handshakes to our server. */
  get announced(): boolean {
    const relays = relaysOf(this.#context.swarm)
    return relays.length > 0 && relays !== this.#lostRelays
  }

  /** Begins to watch, at the start and after a resume. */
  start(): void {
    const { dht } = this.#context.swarm
    this.#unlisten = (['network-change', 'network-update'] as const).map((event) =>
      onDht(dht, event, this.#onnetwork)
    )
    const run = {}
    this.#run = run
    this.#set('connecting')
    this.#watch(run)
  }

  stop(): void {
    this.#run = null
    for (const unlisten of this.#unlisten.splice(0)) unlisten()
    this.#lostRelays = relaysOf(this.#context.swarm) // a server that is suspended unannounces, and keeps the list
    this.#set('offline')
    this.#signal()
  }

  /** A query was not answered. The first one since others could reach us is told. */
  unanswered(error: unknown): void {
    this.#doubt = true
    if (this.#told || !this.#run) return
    this.#told = true
    this.#context.onfault(error)
  }

  /**
   * Waits before a query that was not answered is tried again: for the pause, or until there is a sign that the network
   * is back. While the DHT does not answer, it waits for the sign alone.
   */
  async retry(pause: Pause): Promise<void> {
    await this.#sleep(this.offline ? null : pause.next(), pause)
  }

  /** Looks until {@link stop}. */
  async #watch(run: object): Promise<void> {
    const { dht } = this.#context.swarm
    await (dht.fullyBootstrapped ?? dht.ready).call(dht).catch(noop)
    const pause = new Pause()
    while (run === this.#run) {
      await this.#look()
      if (run !== this.#run) return
      if (this.#state !== 'connecting') pause.reset()
      await this.#sleep(this.#state === 'connecting' ? pause.next() : LOOK_INTERVAL, pause)
    }
  }

  async #look(): Promise<void> {
    const run = this.#run
    const asks = this.#doubt || !this.#reachable
    this.#doubt = false
    const answers = !asks || (await this.#answers())
    if (run !== this.#run) return
    if (!answers) {
      this.#lose()
    } else if (this.#reachable) {
      this.#set('online')
    } else {
      announce(this.#context.swarm)
      this.#set('connecting')
    }
  }

  /** A swarm that does not listen is reached by nobody. It needs only nodes that answer. */
  get #reachable(): boolean {
    const { swarm, listens } = this.#context
    return !isOff(swarm) && (listens || swarm.listening ? this.announced : hasNodes(swarm))
  }

  #onnetwork = (): void => {
    this.#doubt = true
    this.#forget()
    this.#signal()
  }

  #lose(): void {
    this.#forget()
    this.unanswered(
      connectFailed(
        'no node of the DHT answers, so nobody finds us and we find nobody; check the network and bootstrap. ' +
          'All topics follow once a node answers'
      )
    )
    this.#set('offline')
  }

  #forget(): void {
    this.#lost = true
    this.#lostRelays = relaysOf(this.#context.swarm)
  }

  #set(state: OnlineState): void {
    const before = this.#state
    this.#state = state
    if (before !== state) this.#context.ononline(state)
    if (state === 'online') {
      this.#told = false
      if (this.#lost) this.#context.onback()
      this.#lost = false
    }
    if (before !== state && state !== 'offline') this.#signal()
  }

  /** Whether a node answers now. It costs three packets, or one for each node to enter the DHT by. */
  async #answers(): Promise<boolean> {
    const { swarm } = this.#context
    const { dht } = swarm
    if (isOff(swarm)) return false
    const pings = dht.toArray({ limit: PINGS }).map((node) => dht.ping(node, { retry: false }))
    const answered = await Promise.any(pings).then(Boolean, noop)
    if (answered || isOff(swarm)) return answered === true
    const query = dht.findNode(dht.table.id, { retries: 0 })
    await query.finished().catch(noop)
    return query.successes > 0
  }

  /** @param ms null waits for a sign alone */
  #sleep(ms: number | null, pause: Pause): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer)
        this.#sleepers.delete(wake)
        resolve()
      }
      const wake = () => {
        pause.reset()
        end()
      }
      const timer = ms === null ? undefined : setTimeout(end, ms).unref()
      this.#sleepers.add(wake)
    })
  }

  #signal(): void {
    for (const wake of [...this.#sleepers]) wake()
  }
}

/** Whether the user destroyed or suspended it. */
function isOff({ dht, suspended }: Swarm): boolean {
  return suspended || dht.destroyed || dht.suspended === true
}

/** The nodes that relay handshakes to our server. Each announcement of the server makes another array. */
function relaysOf({ server }: Swarm): readonly unknown[] {
  return server._announcer?.relays ?? []
}

/** Has our server announce itself now. By itself it looks at its relays every 3 s, and without relays waits 5 minutes. */
function announce({ server }: Swarm): void {
  server.refresh()
  server._announcer?._sleeper.resume()
}
