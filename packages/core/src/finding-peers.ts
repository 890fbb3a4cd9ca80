import { toId } from './keys.js'
import type { NoiseStream } from './noise-stream.js'
import { noop } from './noop.js'
import type { LoadedCore, Store } from './store.js'

/** Time for which `core.update()` may wait for a topic's first flush (ms). */
const MAX_WAIT = 10_000

/** Hypercore's channel. Each core has one on each stream. */
const PROTOCOL = 'hypercore/alpha'

interface Mux {
  getLastChannel?(channel: { protocol: string; id: Uint8Array }): { fullyOpened(): Promise<boolean> } | null
}

interface Search {
  readonly cores: LoadedCore[]
  readonly timer: NodeJS.Timeout
}

/**
 * Tells Hypercore for which cores we are looking for peers: their `core.update()` then waits for the topic's first
 * flush, instead of returning without news.
 *
 * `hypercore.findingPeers()` belongs to a session, and a session opened from `store.watch` comes too late. So the
 * counter is raised on the loaded core itself. Only this file depends on the inside of Hypercore 11
 * (`replicator.findingPeers`, `replicator.queueUpdateAll()`, the channel's name) and of Corestore 7 (`cores.get`,
 * `watch`).
 */
export class FindingPeers {
  readonly #store: Store
  readonly #searches = new Map<string, Search>()

  constructor(store: Store) {
    this.#store = store
  }

  begin(discoveryKey: Uint8Array): void {
    const id = toId(discoveryKey)
    if (this.#searches.has(id)) return
    if (this.#searches.size === 0) this.#store.watch?.(this.#onload)

    const timer = setTimeout(() => this.end(discoveryKey), MAX_WAIT)
    const search: Search = { cores: [], timer }
    this.#searches.set(id, search)
    const core = this.#store.cores?.get(discoveryKey)
    if (core) raise(search, core)
  }

  /**
   * Ends the search once its cores have met the peers that were found. A stream that has just arrived has no channel
   * of these cores yet: if the search ended now, `update()` would still return without news.
   */
  async endWhenMet(discoveryKey: Uint8Array, streams: Iterable<NoiseStream>): Promise<void> {
    const search = this.#searches.get(toId(discoveryKey))
    if (!search) return
    const found = [...streams]
    await Promise.all(search.cores.map((core) => met(core, found)))
    if (this.#searches.get(toId(discoveryKey)) === search) this.end(discoveryKey)
  }

  end(discoveryKey: Uint8Array): void {
    const id = toId(discoveryKey)
    const search = this.#searches.get(id)
    if (!search) return
    this.#searches.delete(id)
    clearTimeout(search.timer)
    for (const core of search.cores) lower(core)
    if (this.#searches.size === 0) this.#store.unwatch?.(this.#onload)
  }

  #onload = (core: LoadedCore): void => {
    const search = core.discoveryKey && this.#searches.get(toId(core.discoveryKey))
    if (search) raise(search, core)
  }
}

function raise(search: Search, core: LoadedCore): void {
  if (search.cores.includes(core)) return
  search.cores.push(core)
  core.replicator.findingPeers++
}

function lower(core: LoadedCore): void {
  if (--core.replicator.findingPeers === 0) core.replicator.queueUpdateAll()
}

async function met(core: LoadedCore, streams: readonly NoiseStream[]): Promise<void> {
  if (streams.length === 0) return
  await core.opening?.catch(noop)
  await new Promise((resolve) => setImmediate(resolve)) // the core's sessions open, and attach it to the streams
  const id = core.discoveryKey
  if (!id) return
  const channels = streams.map(({ userData }) =>
    (userData as Mux | null)?.getLastChannel?.({ protocol: PROTOCOL, id })
  )
  await Promise.all(channels.map((channel) => channel?.fullyOpened()))
}
