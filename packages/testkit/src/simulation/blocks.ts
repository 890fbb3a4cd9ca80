import { shortKey } from '../networks/keys.js'
import type { TestCore, TestStore } from '../networks/store.js'
import type { TraceEvent } from './trace.js'

export type BlockEvent = Pick<Extract<TraceEvent, { type: 'blocks' }>, 'core' | 'blocks' | 'length'>

interface Session extends TestCore {
  on(event: 'append' | 'download' | 'truncate' | 'close', listener: () => void): void
}

/**
 * Tells how many blocks a store has of each core that is got from it or from its namespaces: at first, and whenever
 * that changes.
 */
export function watchBlocks(store: TestStore, onblocks: (event: BlockEvent) => void): void {
  watchStore(store, new Map(), onblocks)
}

type Watched = Map<string, CoreWatch>

function watchStore(store: TestStore, cores: Watched, onblocks: (event: BlockEvent) => void): void {
  const get = store.get.bind(store)
  const namespace = store.namespace.bind(store)
  store.get = (options) => {
    const session = get(options) as Session
    watchSession(session, cores, onblocks).catch(() => {}) // the caller of get() is told
    return session
  }
  store.namespace = (name) => {
    const inner = namespace(name)
    watchStore(inner, cores, onblocks)
    return inner
  }
}

async function watchSession(
  session: Session,
  cores: Watched,
  onblocks: (event: BlockEvent) => void
): Promise<void> {
  await session.ready()
  const core = shortKey(session.key)
  const watch = cores.get(core) ?? new CoreWatch(core, session.contiguousLength, onblocks)
  cores.set(core, watch)
  watch.add(session)
}

/** Watches one core. All its sessions emit the same events, so only those of the oldest session count. */
class CoreWatch {
  readonly #core: string
  readonly #onblocks: (event: BlockEvent) => void
  readonly #sessions: Session[] = []
  #downloaded: number
  #told: BlockEvent | undefined

  constructor(core: string, downloaded: number, onblocks: (event: BlockEvent) => void) {
    this.#core = core
    this.#downloaded = downloaded
    this.#onblocks = onblocks
  }

  add(session: Session): void {
    const when = (event: 'append' | 'download' | 'truncate', change: () => void) => {
      session.on(event, () => {
        if (this.#sessions[0] !== session) return
        change()
        this.#tell(session)
      })
    }
    when('append', () => {})
    when('download', () => this.#downloaded++)
    when('truncate', () => {
      this.#downloaded = session.contiguousLength
    })
    session.on('close', () => this.#sessions.splice(this.#sessions.indexOf(session), 1))
    if (this.#sessions.push(session) === 1) this.#tell(session)
  }

  #tell({ length, contiguousLength, writable }: Session): void {
    const downloaded = Math.min(Math.max(this.#downloaded, contiguousLength), length)
    const blocks = writable ? length : downloaded
    if (this.#told?.length === length && this.#told.blocks === blocks) return
    this.#told = { core: this.#core, length, blocks }
    this.#onblocks(this.#told)
  }
}
