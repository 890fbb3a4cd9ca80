import { randomBytes } from 'node:crypto'
import { OLD_MESSENGER, startOldDht } from '../../contenders/networker-1.js'
import { onOneCore } from '../../harness/one-core.js'
import type { Scratch } from '../../harness/scratch.js'
import { summarize } from '../../harness/statistics.js'
import type { MessengerHandlers } from '../messenger.js'
import { hashOf, numberedMessages } from '../shared/numbered-messages.js'
import type { PeerContender } from './peers.js'

const PROGRAM = new URL('../messenger.ts', import.meta.url)

/** Two processes, here and there, that are connected to each other. */
export interface Messengers {
  /**
   * Sends bursts there, and verifies what arrives.
   *
   * @param size bytes of a message
   * @returns messages a second, from the first send to the last arrival
   */
  burst(bursts: number, perBurst: number, size: number): Promise<number>
  /** Sends lone messages there and back, with both processes on one core. @returns the median of their times (ms) */
  roundTrip(count: number, size: number): Promise<number>
}

/** Starts two peers and connects them over a DHT. */
export async function messengers(contender: PeerContender, scratch: Scratch): Promise<Messengers> {
  const { directory, testnet, start } = scratch
  const [program, bootstrap] =
    contender === '1.x' ? [OLD_MESSENGER, await startOldDht(start)] : [PROGRAM, testnet.bootstrap]
  const [here, there] = [start<MessengerHandlers>(program), start<MessengerHandlers>(program)]
  const options = { contender, bootstrap, directory }
  await Promise.all([here, there].map((child) => child.ask('open', options)))
  const topic = randomBytes(32)
  await there.ask('announce', topic)
  await here.ask('lookup', topic)
  return {
    async burst(bursts, perBurst, size) {
      const count = bursts * perBurst
      await there.ask('expect', count, size, false)
      const from = await here.ask('burst', bursts, perBurst, size)
      const { at, hash } = await there.ask('received')
      const sent = hashOf(Buffer.concat(numberedMessages(count, size)))
      if (hash !== sent) throw new Error(`${contender} got other messages`)
      return (count / (at - from)) * 1_000
    },
    async roundTrip(count, size) {
      await there.ask('expect', count, size, true)
      const trips = await onOneCore([here.pid, there.pid], () => here.ask('roundTrips', count, size))
      return summarize(trips).median
    }
  }
}
