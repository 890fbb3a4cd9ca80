import { rm } from 'node:fs/promises'
import { isOldInstalled, OLD_PEER, startOldDht } from '../../contenders/networker-1.js'
import type { Child } from '../../harness/child.js'
import type { Bootstrap } from '../../harness/dht.js'
import { installContender } from '../../harness/install.js'
import type { Run } from '../../harness/question.js'
import { withScratch } from '../../harness/scratch.js'
import type { PeerHandlers } from '../peer.js'

const PROGRAM = new URL('../peer.ts', import.meta.url)

/** A process that answers what a question asks of it, whoever it is. */
export type Peer = Pick<Child<PeerHandlers>, 'ask' | 'kill'>

export type PeerContender = 'ours' | 'raw' | '1.x'

export interface PeerOptions {
  /** Where it makes a folder for its store. By default in a scratch folder; 1.x by default has its store in memory. */
  readonly directory?: string
  /** Of Node, such as `--expose-gc`. */
  readonly execArgv?: readonly string[]
}

/** Starts a peer that has opened its store and entered the DHT. `tcp` is raw over a socket, without a swarm. */
export type StartPeer = (contender: PeerContender | 'tcp', options?: PeerOptions) => Promise<Peer>

/**
 * Those who are compared. 1.x is installed for it, unless it is only to be seen whether the benchmark works.
 *
 * @throws Error when it cannot be installed
 */
export async function contendersOf({ quick }: Run): Promise<PeerContender[]> {
  if (!quick) await installContender('networker-1')
  return isOldInstalled() ? ['ours', 'raw', '1.x'] : ['ours', 'raw']
}

/** Starts peers for a while: they, their DHTs and their stores are gone when this returns. */
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

/** Its store goes with the peer, so that the disk is not still writing it in the next trial. */
function owning(folder: string, peer: Peer): Peer {
  return {
    ask: peer.ask.bind(peer),
    async kill() {
      await peer.kill()
      await rm(folder, { recursive: true })
    }
  }
}
