// Peers that announce a topic, many in one process, so that it takes one signal to kill them all.
import HyperDHT from 'hyperdht'
import Hyperswarm from 'hyperswarm'
import type { Bootstrap } from '../harness/dht.js'
import { serve } from '../harness/serve.js'

export interface AnnounceOptions {
  readonly bootstrap: Bootstrap
  readonly topic: Uint8Array
  readonly count: number
}

const handlers = {
  /** Each with a node of its own. @returns when all are announced */
  async announce({ bootstrap, topic, count }: AnnounceOptions): Promise<void> {
    await Promise.all(
      Array.from({ length: count }, async () => {
        const dht = new HyperDHT({ bootstrap: [...bootstrap], host: bootstrap[0]!.host })
        const swarm = new Hyperswarm({ dht })
        await swarm.join(Buffer.from(topic), { server: true, client: false }).flushed()
      })
    )
  }
}

export type AnnouncerHandlers = typeof handlers

serve(handlers)
