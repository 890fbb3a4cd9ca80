// Peers that announce a topic, many in one process, so that one signal kills them all.
import Hyperswarm from 'hyperswarm'
import { type Bootstrap, enterDht } from '../harness/dht.js'
import { serve } from '../harness/serve.js'

export interface AnnounceOptions {
  readonly bootstrap: Bootstrap
  readonly topic: Uint8Array
  readonly count: number
}

const handlers = {
  /** Starts so many peers, each with a DHT node of its own. Resolves when all have announced the topic. */
  async announce({ bootstrap, topic, count }: AnnounceOptions): Promise<void> {
    await Promise.all(
      Array.from({ length: count }, async () => {
        const swarm = new Hyperswarm({ dht: await enterDht(bootstrap) })
        await swarm.join(Buffer.from(topic), { server: true, client: false }).flushed()
      })
    )
  }
}

export type AnnouncerHandlers = typeof handlers

serve(handlers)
