import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { NoiseStream } from '@basestore/networker/transport'
import { describe, expect, it } from 'vitest'
import { ANNOUNCE, HOST, LOOKUP, type Peer, withPeers } from './peer.js'
import { freeUdpPort } from './ports.js'
import { withRelay } from './relay.js'

const mdns = false

/** Connects two peers: the second one dials the first. Their connection can be silenced. */
async function withLink(test: (a: Peer, b: Peer, silence: () => void) => Promise<void>): Promise<void> {
  await withPeers([{ mdns }], async (a) => {
    await withRelay(a!.transport.port, async ({ port, silence }) => {
      await withPeers([{ mdns, peers: [`${HOST}:${port}`] }], async (b) => {
        const topic = randomBytes(32)
        b!.transport.join(topic, LOOKUP)
        await b!.flush(topic)
        await a!.connection()
        await test(a!, b!, silence)
      })
    })
  })
}

// Concurrent, since they mostly wait.
describe.concurrent('links', () => {
  it('a silent connection is closed at both ends; an idle one stays open, and one with a paused reader', async () => {
    await withLink(async (a, b) => {
      await withLink(async (c, d) => {
        await withLink(async (e, f, silence) => {
          d.streams[0]!.pause()
          for (let i = 0; i < 200; i++) c.streams[0]!.write(Buffer.alloc(64 * 1024))
          const reader = d.streams[0]!.rawStream as Socket
          while (!reader.isPaused()) await once(reader, 'pause')
          // This peer receives later than the paused one was sent to, so it is given up later too.
          const heard = new Promise<void>((resolve) => f.streams[0]!.once('data', () => resolve()))
          e.streams[0]!.write(Buffer.from('still here'))
          await heard
          const begin = performance.now()
          silence()
          await Promise.all([e, f].map(({ streams }) => closeOf(streams[0]!)))
          expect(performance.now() - begin).toBeGreaterThan(3_900)
          expect(performance.now() - begin).toBeLessThan(7_000)
          for (const { streams } of [a, b, c, d]) expect(streams[0]!.destroying).toBe(false)
        })
      })
    })
  })

  it('a destroyed remote is noticed at once, not at the next keep-alive', async () => {
    await withPeers([{ mdns }], async (a) => {
      await withPeers([{ mdns, peers: [`${HOST}:${a!.transport.port}`] }], async (b) => {
        await b!.connect(a!.keyPair.publicKey)
        await a!.connection()
        const begin = performance.now()
        a!.streams[0]!.destroy()
        await closeOf(b!.streams[0]!)
        expect(performance.now() - begin).toBeLessThan(900)
      })
    })
  })

  it('a peer that refuses us is dialled once in each lookup, not for each answer', async () => {
    const port = await freeUdpPort()
    const topic = randomBytes(32)
    await withPeers([{ mdns: { port, wait: 200 } }, { mdns: { port, wait: 200 } }], async (a, b) => {
      a!.admits = () => false
      a!.transport.join(topic, ANNOUNCE)
      b!.transport.join(topic, LOOKUP)
      await b!.flush(topic)
      await b!.flush(topic)
      expect(b!.streams.length).toBeGreaterThan(0)
      expect(b!.streams.length).toBeLessThanOrEqual(3)
    })
  })
})

function closeOf(stream: NoiseStream): Promise<void> {
  return new Promise((resolve) => stream.once('close', resolve))
}
