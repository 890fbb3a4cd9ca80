import { existsSync } from 'node:fs'
import type { StartChild } from '../harness/child.js'
import type { Bootstrap } from '../harness/dht.js'

/** It has its old dependencies there. */
const FOLDER = new URL('networker-1/', import.meta.url)

/** Answers as `peer.ts` does, where 1.x can. With `--in-memory` it keeps its store there. */
export const OLD_PEER = new URL('peer.cjs', FOLDER)
/** Answers as `messenger.ts` does. */
export const OLD_MESSENGER = new URL('messenger.cjs', FOLDER)

type DhtHandlers = { listen(nodes: number): Bootstrap }

export function isOldInstalled(): boolean {
  return existsSync(new URL('node_modules/', FOLDER))
}

/** 1.x speaks another protocol with its DHT: ten nodes of its own, in one process. */
export function startOldDht(start: StartChild): Promise<Bootstrap> {
  return start<DhtHandlers>(new URL('dht.cjs', FOLDER)).ask('listen', 10)
}
