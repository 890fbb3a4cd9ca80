// A hub with many peers, and those peers, in one process. Started with --expose-gc.
import { randomBytes } from 'node:crypto'
import { MemoryNetwork } from '@basestore/transport-memory'
import { bareHub } from '../contenders/bare/hub.js'
import type { Hub } from '../contenders/hub.js'
import { ourHub } from '../contenders/ours/hub.js'
import { rawHub } from '../contenders/raw/hub.js'
import { heapAtRest } from '../harness/heap.js'
import { hex } from '../harness/hex.js'
import { serve } from '../harness/serve.js'
import { recordGreeting, remotes } from './shared/remotes.js'

export interface HubOptions {
  readonly contender: 'ours' | 'raw' | 'bare'
  /** Folder in which it makes one for its store. */
  readonly directory: string
}

/** The costs of many peers. */
export interface PeersCost {
  /** Time until the last was connected (ms). */
  readonly connect: number
  /** Time until the last was gone (ms). */
  readonly close: number
  /** Memory of both ends of all connections together (bytes). */
  readonly heap: number
  /** The part of that memory that is still held after the close (bytes). */
  readonly left: number
}

const handlers = {
  /** @param warmUp peers of a first run: V8 compiles there what runs for each peer, so that no peer pays for it */
  async measure(options: HubOptions, count: number, warmUp: number): Promise<PeersCost> {
    await measure(options, warmUp)
    return measure(options, count)
  }
}

export type ManyPeersHandlers = typeof handlers

async function measure(options: HubOptions, count: number): Promise<PeersCost> {
  const network = new MemoryNetwork()
  const topic = randomBytes(32)
  const greeting = await recordGreeting()
  const others = await remotes(network, topic, count, greeting)
  const hub = await hubOf(options, network)
  const before = await heapAtRest()

  const connecting = performance.now()
  const keys = await hub.connect(topic, count)
  const connect = performance.now() - connecting
  verify(keys, others.publicKeys)
  keys.length = 0
  const heap = (await heapAtRest()) - before

  const closing = performance.now()
  await hub.close()
  const close = performance.now() - closing
  if (network.links > 0) throw new Error(`${network.links} links are open after the close`)
  const left = (await heapAtRest()) - before
  await hub.dispose()
  await others.close()
  return { connect, close, heap, left }
}

function hubOf({ contender, directory }: HubOptions, network: MemoryNetwork): Hub | Promise<Hub> {
  if (contender === 'bare') return bareHub(network)
  return contender === 'ours' ? ourHub(network, directory) : rawHub(network, directory)
}

/** @throws Error when the connected peers are not those that announced the topic */
function verify(connected: readonly Uint8Array[], announced: readonly Uint8Array[]): void {
  const [found, expected] = [connected, announced].map((keys) => new Set(keys.map(hex)))
  if (found!.size !== expected!.size || ![...found!].every((key) => expected!.has(key))) {
    throw new Error(`connected to ${found!.size} peers, of ${expected!.size}`)
  }
}

serve(handlers)
