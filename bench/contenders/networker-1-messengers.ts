import { randomBytes } from 'node:crypto'
import type { Messengers } from './messengers.js'
import { OldProcess } from './old-peer.js'

const BURSTS = 'bursts'
const ECHO = 'echo'

/** Two peers of 1.x, connected over a DHT of its time, for as long as they are used. */
export async function withNetworker1Messengers<T>(use: (messengers: Messengers) => Promise<T>): Promise<T> {
  const [dht, here, there] = [new OldProcess(), new OldProcess(), new OldProcess()]
  try {
    const { bootstrap } = (await dht.run({ do: 'bootstrap' })).value
    await connect(bootstrap, here, there)
    return await use({
      async burst(bursts, perBurst, size) {
        const count = bursts * perBurst
        await there.run({ do: 'extension', action: 'reset', name: BURSTS, awaits: count })
        const sending = { do: 'extension', action: 'burst', name: BURSTS, bursts, count: perBurst, size }
        const { timing } = await here.run(sending)
        const got = (await there.run({ do: 'extension', action: 'received', name: BURSTS })).value
        verify(got, count, size)
        return (count / (got.lastAt - timing.startedAt)) * 1_000
      },
      async roundTrip(count, size) {
        const trips = { do: 'extension', action: 'round-trips', name: ECHO, count, size }
        const got = (await here.run(trips)).value
        verify(got, count, size)
        return got.medianMs
      }
    })
  } finally {
    await Promise.all([dht, here, there].map((one) => one.kill()))
  }
}

async function connect(bootstrap: readonly string[], here: OldProcess, there: OldProcess): Promise<void> {
  const discoveryKey = randomBytes(32).toString('hex')
  for (const peer of [here, there]) {
    await peer.run({ do: 'open', bootstrap })
    await peer.run({ do: 'extension', action: 'register', name: BURSTS })
    await peer.run({ do: 'extension', action: 'register', name: ECHO, echo: peer === there })
  }
  await there.run({ do: 'configure', discoveryKey, announce: true, lookup: false })
  await here.run({ do: 'configure', discoveryKey, announce: false, lookup: true, flush: false })
  for (const peer of [here, there]) await peer.run({ do: 'peers' })
}

/** Its program looks at the number in each message, and counts the bytes. */
function verify(got: { received: number; bytes: number; outOfOrder: number }, count: number, size: number) {
  if (got.received === count && got.bytes === count * size && got.outOfOrder === 0) return
  throw new Error(`1.x got other messages: ${JSON.stringify(got)}`)
}
