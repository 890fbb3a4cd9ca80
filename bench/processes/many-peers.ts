// Someone with many peers, and those peers, in a process of their own. Started with --expose-gc.
import { randomBytes } from 'node:crypto'
import { MemoryNetwork } from '@basestore/transport-memory'
import { type HubOptions, hub } from '../contenders/bare/hub.js'
import { settledHeap } from '../harness/heap.js'
import { serve } from '../harness/serve.js'
import { recordGreeting, remotes } from './shared/remotes.js'

/** What that many peers took. */
export interface PeersCost {
  /** Until the last was connected, in ms. */
  readonly connect: number
  /** Until the last was gone, in ms. */
  readonly close: number
  /** Bytes that both ends of all connections together hold. */
  readonly heap: number
  /** Of those, what is held after the close. */
  readonly left: number
}

const handlers = {
  /** @param warmUp peers before, for V8 to have compiled what runs for each: it counts among no peer's bytes */
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
  const one = await hub(options, network)
  const before = await settledHeap()

  const connecting = performance.now()
  const keys = await one.connect(topic, count)
  const connect = performance.now() - connecting
  verify(keys, others.publicKeys)
  keys.length = 0
  const heap = (await settledHeap()) - before

  const closing = performance.now()
  await one.close()
  const close = performance.now() - closing
  if (network.links > 0) throw new Error(`${network.links} links are open after the close`)
  const left = (await settledHeap()) - before
  await one.dispose()
  await others.close()
  return { connect, close, heap, left }
}

/** @throws Error when others are connected than those who announced the topic */
function verify(connected: readonly Uint8Array[], announced: readonly Uint8Array[]): void {
  const [found, expected] = [connected, announced].map(
    (keys) => new Set(keys.map((key) => Buffer.from(key).toString('hex')))
  )
  if (found!.size !== expected!.size || ![...found!].every((key) => expected!.has(key))) {
    throw new Error(`connected to ${found!.size} peers, of ${expected!.size}`)
  }
}

serve(handlers)
