import type HyperDHT from 'hyperdht'
import Hyperswarm from 'hyperswarm'
import { Tally, type TopicHolder } from '../topic-holder.js'

/** A Hyperswarm. */
export function rawHolder(dht: HyperDHT): TopicHolder {
  const swarm = new Hyperswarm({ dht })
  const flushes = new Tally()
  return {
    publicKey: swarm.keyPair.publicKey,
    join(topic) {
      const session = swarm.join(topic, { server: true, client: true })
      session.flushed().then((found) => found && flushes.add())
    },
    flushed: (count) => flushes.reaches(count),
    close: () => swarm.destroy(),
    async dispose() {}
  }
}
