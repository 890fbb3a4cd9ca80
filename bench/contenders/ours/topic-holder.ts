import { Networker, type Transport } from '@basestore/networker'
import { openStore } from '../../harness/open-store.js'
import { Tally, type TopicHolder } from '../topic-holder.js'

/** A networker over a transport. */
export async function ourHolder(
  directory: string,
  transport: Transport,
  { onclose = async () => {} }: { readonly onclose?: () => Promise<void> } = {}
): Promise<TopicHolder> {
  const store = await openStore(directory, 'topics')
  const networker = new Networker(store, { transports: [transport] })
  const flushes = new Tally()
  networker.on('flushed', () => flushes.add())
  await networker.listen()
  return {
    publicKey: networker.keyPair.publicKey,
    join: (topic) => networker.configure(topic, { flush: false }),
    flushed: (count) =>
      transport instanceof IdleTransport && !transport.flushes ? Promise.resolve() : flushes.reaches(count),
    async close() {
      await networker.close()
      await onclose()
    },
    dispose: () => store.close()
  }
}

/** A transport that does nothing, so that only the networker's own cost is measured. */
export class IdleTransport implements Transport {
  readonly name = 'idle'
  readonly flushes: boolean

  /** @param flushes whether a flush resolves at once, or never */
  constructor(flushes: boolean) {
    this.flushes = flushes
  }

  start(): void {}
  join(): void {}
  leave(): void {}
  stop(): void {}

  flush(_topic: Uint8Array, { signal }: { readonly signal: AbortSignal }): Promise<void> {
    if (this.flushes) return Promise.resolve()
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  }
}
