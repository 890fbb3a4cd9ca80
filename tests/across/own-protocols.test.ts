import { Networker, type NoiseStream, type Peer } from '@basestore/networker'
import { MemoryNetwork, type MemoryNetworkOptions, VirtualClock } from '@basestore/transport-memory'
import ProtomuxRPC from 'protomux-rpc'
import Wakeup from 'protomux-wakeup'
import { describe, expect, test } from 'vitest'

/** Two networkers without a store on one network. */
function pairOn(network: MemoryNetwork): [Networker, Networker] {
  const store = { replicate: () => {}, closing: null }
  return [0, 1].map(() => new Networker(store, { transports: [network.transport()] })) as [
    Networker,
    Networker
  ]
}

/** Runs a test with two peers in virtual time, for each of 60 networks. Returns how many of them the test held for. */
async function pairs(run: (a: Networker, b: Networker) => Promise<boolean>): Promise<number> {
  let held = 0
  for (let seed = 0; seed < 60; seed++) {
    const clock = new VirtualClock()
    await clock.run(async () => {
      const network = new MemoryNetwork({ clock, seed, ...networkOf(seed) })
      const [a, b] = pairOn(network)
      if (await run(a, b)) held++
      await Promise.all([a.close(), b.close()])
    })
  }
  return held
}

/** Both peers dial at the same moment: half of the networks with equal delays, and half with delays by chance. */
function networkOf(seed: number): MemoryNetworkOptions {
  if (seed % 2 === 0) return { link: { latency: [0, 20, 50][(seed / 2) % 3]! } }
  const delay = { uniform: [10, 200] } as const
  return { link: { latency: { uniform: [20, 90] } }, discovery: { announceDelay: delay, lookupDelay: delay } }
}

async function meet(a: Networker, b: Networker): Promise<void> {
  await Promise.all([a.listen(), b.listen()])
  await Promise.all([a.connect(b.keyPair.publicKey), b.connect(a.keyPair.publicKey)])
  await sleep(10_000)
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const only = ({ peers }: Networker) => [...peers][0] as Peer

describe('two peers that dial each other at once', () => {
  test("talk over a protocol of the app's own, in 60 of 60 pairs", async () => {
    const held = await pairs(async (a, b) => {
      const got: string[] = []
      const mine = (networker: Networker) =>
        networker.protocol({
          name: 'mine',
          messages: [{ encoding: 'utf8', onmessage: (text) => got.push(text) }],
          onopen: () => got.push('open'),
          onclose: () => got.push('close')
        })
      const [here, there] = [mine(a), mine(b)]
      await meet(a, b)
      here.send(0, 'from a', only(a))
      there.send(0, 'from b', only(b))
      await sleep(1_000)
      return got.sort().join() === 'from a,from b,open,open' && a.streams.size === 1
    })
    expect(held).toBe(60)
  })

  test("talk by protomux-rpc, which they put on each stream at the event 'stream', in 60 of 60 pairs", async () => {
    const held = await pairs(async (a, b) => {
      const rpcs = new Map<NoiseStream, ProtomuxRPC>()
      for (const networker of [a, b]) {
        networker.on('stream', (stream) => {
          const rpc = new ProtomuxRPC(stream)
          rpc.respond('echo', (request) => request)
          rpcs.set(stream, rpc)
        })
      }
      await meet(a, b)
      const answers = await Promise.all(
        [a, b].map((networker) => rpcs.get(only(networker).stream)!.request('echo', Buffer.from('hello')))
      )
      return answers.join() === 'hello,hello'
    })
    expect(held).toBe(60)
  })

  test("wake each other by protomux-wakeup, which they put on each stream at the event 'stream'", async () => {
    const held = await pairs(async (a, b) => {
      const heard: number[] = []
      const capability = Buffer.alloc(32, 7)
      const sessions = [a, b].map((networker) => {
        const wakeup = new Wakeup()
        networker.on('stream', (stream) => wakeup.addStream(stream))
        return wakeup.session(capability, {
          onannounce: (cores) => heard.push(...cores.map(({ length }) => length))
        })
      })
      await meet(a, b)
      for (const [i, session] of sessions.entries()) {
        for (const peer of session.peers)
          session.announce(peer, [{ key: Buffer.alloc(32, i), length: i + 1 }])
      }
      await sleep(1_000)
      for (const session of sessions) session.destroy()
      return [...new Set(heard)].sort().join() === '1,2'
    })
    expect(held).toBe(60)
  })
})
