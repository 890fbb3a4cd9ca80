// A process that joins topics when it is told to, and tells which peers it met: ours, or raw. It keeps its store, but
// enters the DHT anew each time that it is opened.
import type HyperDHT from 'hyperdht'
import { ourPeer } from '../contenders/ours/swarm-peer.js'
import { rawPeer } from '../contenders/raw/swarm-peer.js'
import type { JoinOptions, OpenOptions, SwarmPeer } from '../contenders/swarm-peer.js'
import { enterDht } from '../harness/dht.js'
import { hex } from '../harness/hex.js'
import { newFolder } from '../harness/open-store.js'
import { serve, usage } from '../harness/serve.js'
import { GreetingStore } from './shared/greetings.js'

let store: GreetingStore
let dht: HyperDHT
let peer: SwarmPeer

const handlers = {
  /** Enters the DHT with a new key pair. @returns its public key in hex */
  async open({ contender, bootstrap, directory }: OpenOptions): Promise<string> {
    store ??= new GreetingStore(await newFolder(directory, 'joiner'))
    await store.ready()
    dht = await enterDht(bootstrap)
    const opened = contender === 'ours' ? ourPeer(store, dht) : rawPeer(store, dht)
    peer = opened
    const { keyPair } = 'networker' in opened ? opened.networker : opened.swarm
    return hex(keyPair.publicKey)
  },

  /** @returns the time until the contender's `join` resolved (ms) */
  async join(topic: Uint8Array, options: JoinOptions): Promise<number> {
    const start = performance.now()
    await peer.join(topic, options)
    return performance.now() - start
  },

  /**
   * Waits until so many other peers are met.
   *
   * @param patience the longest wait (ms)
   * @returns the public keys of the peers that are met then, in hex
   */
  meet(others: number, patience: number): Promise<string[]> {
    const { greetings } = store
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer)
        greetings.removeListener('change', look)
        resolve(greetings.met)
      }
      const look = () => {
        if (greetings.met.length >= others) end()
      }
      const timer = setTimeout(end, patience)
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
