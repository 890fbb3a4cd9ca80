import { MemoryNetwork } from '@basestore/transport-memory'
import NoiseSecretStream from '@hyperswarm/secret-stream'
import { Tally, type TopicHolder } from '../topic-holder.js'

/** The memory network's transport by itself. */
export async function bareHolder(): Promise<TopicHolder> {
  const transport = new MemoryNetwork().transport()
  const stopping = new AbortController()
  const { signal } = stopping
  const keyPair = NoiseSecretStream.keyPair()
  const fault = (error: unknown) => {
    throw error
  }
  await transport.start({
    keyPair,
    signal,
    wants: () => true,
    refuse: (stream) => void stream.destroy(),
    connected() {},
    fault,
    online() {},
    note() {}
  })
  const flushes = new Tally()
  return {
    publicKey: keyPair.publicKey,
    join(topic) {
      transport.join(topic, { announce: true, lookup: true })
      transport.flush(topic, { signal }).then(() => flushes.add())
    },
    flushed: (count) => flushes.reaches(count),
    async close() {
      stopping.abort()
      await transport.stop()
    },
    async dispose() {}
  }
}
