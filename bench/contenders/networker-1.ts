import { existsSync } from 'node:fs'
import type { StartChild } from '../harness/child.js'
import type { Bootstrap } from '../harness/dht.js'

/** Answers as `processes/peer.ts` does, as far as 1.x can. With `--in-memory` it keeps its store in memory. */
export const OLD_PEER = new URL('./networker-1/peer.cjs', import.meta.url)
/** Answers as `processes/messenger.ts` does. */
export const OLD_MESSENGER = new URL('./networker-1/messenger.cjs', import.meta.url)

const OLD_DHT = new URL('./networker-1/dht.cjs', import.meta.url)
const INSTALLED = new URL('./networker-1/node_modules/', import.meta.url)
const NODES = 10

type DhtHandlers = { listen(nodes: number): Bootstrap }

/** Whether 1.x and its old dependencies are installed in their own folder. */
export function isOldInstalled(): boolean {
  return existsSync(INSTALLED)
}

/** Starts a DHT for 1.x, which speaks another protocol with its DHT: all nodes in one process. */
export function startOldDht(start: StartChild): Promise<Bootstrap> {
  return start<DhtHandlers>(OLD_DHT).ask('listen', NODES)
}
