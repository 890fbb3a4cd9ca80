import { rm } from 'node:fs/promises'
import { isOldInstalled, OLD_PEER, startOldDht } from '../../contenders/networker-1.js'
import type { Child } from '../../harness/child.js'
import type { Bootstrap } from '../../harness/dht.js'
import { installContender } from '../../harness/install.js'
import type { Run } from '../../harness/question.js'
import { withScratch } from '../../harness/scratch.js'
import type { PeerHandlers } from '../peer.js'

const PROGRAM = new URL('../peer.ts', import.meta.url)

/** The process of a contender, which answers what a question asks. */
export type Peer = Pick<Child<PeerHandlers>, 'ask' | 'kill'>

export type PeerContender = 'ours' | 'raw' | '1.x'

export interface PeerOptions {
  /** Folder in which the peer makes one for its store. @default a scratch folder; for 1.x none: a store in memory */
  readonly directory?: string
  /** Arguments of Node, such as `--expose-gc`. */
  readonly execArgv?: readonly string[]
}

/** Starts a peer that has opened its store and entered the DHT. `tcp` is a Corestore over a socket, without a swarm. */
export type StartPeer = (contender: PeerContender | 'tcp', options?: PeerOptions) => Promise<Peer>

/**
 * The contenders that take part. 1.x is installed first, but not in a quick run, which leaves it out if it is missing.
 *
 * @throws Error when 1.x cannot be installed
 */
export async function contendersOf({ quick }: Run): Promise<PeerContender[]> {
  if (!quick) await installContender('networker-1')
  return isOldInstalled() ? ['ours', 'raw', '1.x'] : ['ours', 'raw']
}

/** Runs `use`, which may start peers. They, their DHTs and stores are gone when this resolves or rejects. */
export async function withPeers<T>(use: (start: StartPeer) => Promise<T>): Promise<T> {
  return withScratch(({ directory: scratch, testnet, start }) => {
    let oldBootstrap: Promise<Bootstrap> | undefined
    async function startOld({ directory, execArgv = [] }: PeerOptions) {
      oldBootstrap ??= startOldDht(start)
      const child = start<PeerHandlers>(OLD_PEER, { execArgv, args: directory ? [] : ['--in-memory'] })
      const options = {
        contender: '1.x',
        bootstrap: await oldBootstrap,
        directory: directory ?? scratch
      } as const
      return owning(await child.ask('open', options), child)
    }

    return use(async (contender, options = {}) => {
      if (contender === '1.x') return startOld(options)
      const { directory = scratch, execArgv = [] } = options
      const child = start<PeerHandlers>(PROGRAM, { execArgv })
      return owning(await child.ask('open', { contender, bootstrap: testnet.bootstrap, directory }), child)
    })
  })
}

/** Removes the peer's store when the peer is killed, so that the disk does not still write it in the next trial. */
function owning(folder: string, peer: Peer): Peer {
  return {
    ask: peer.ask.bind(peer),
    async kill() {
      await peer.kill()
      await rm(folder, { recursive: true })
    }
  }
}
