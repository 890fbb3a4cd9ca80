// A process that joins topics when it is asked to, and tells whom it met: ours, or raw. It keeps its store, but enters
// the DHT anew each time that it is opened.
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import type HyperDHT from 'hyperdht'
import { ours } from '../contenders/ours/swarm-peer.js'
import { raw } from '../contenders/raw/swarm-peer.js'
import type { OpenOptions, SwarmPeer } from '../contenders/swarm-peer.js'
import { enterDht } from '../harness/dht.js'
import { serve, usage } from '../harness/serve.js'
import { GreetingStore } from './shared/greetings.js'

let store: GreetingStore
let dht: HyperDHT
let peer: SwarmPeer

const handlers = {
  /** Enters the DHT with a key pair of its own. @returns its public key in hex */
  async open({ contender, bootstrap, directory }: OpenOptions): Promise<string> {
    store ??= new GreetingStore(await mkdtemp(join(directory, 'joiner-')))
    await store.ready()
    dht = await enterDht(bootstrap)
    const opened = contender === 'ours' ? ours(store, dht) : raw(store, dht)
    peer = opened
    const { keyPair } = 'networker' in opened ? opened.networker : opened.swarm
    return Buffer.from(keyPair.publicKey).toString('hex')
  },

  /** @returns ms until the contender was done with it */
  async join(topic: Uint8Array, options: Parameters<SwarmPeer['join']>[1]): Promise<number> {
    const start = performance.now()
    await peer.join(topic, options)
    return performance.now() - start
  },

  /** Waits until so many others are met, but no longer than so many ms. @returns their public keys in hex */
  meet(others: number, patience: number): Promise<string[]> {
    const { greetings } = store
    return new Promise((resolve) => {
      const settle = () => {
        clearTimeout(timer)
        greetings.removeListener('change', look)
        resolve(greetings.met)
      }
      const look = () => {
        if (greetings.met.length >= others) settle()
      }
      const timer = setTimeout(settle, patience)
      greetings.on('change', look)
      look()
    })
  },

  usage,

  async close(): Promise<void> {
    await peer.close()
    await dht.destroy()
  }
}

export type JoinerHandlers = typeof handlers

serve(handlers)
