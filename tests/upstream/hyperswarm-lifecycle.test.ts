import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { isPending } from '../support/bound.js'
import { withLocalDht } from '../support/local-dht.js'
import { fixed } from './fixed.js'

type Connection = [stream: unknown, peer: { topics: Buffer[] }]

describe('Hyperswarm', () => {
  it('never again dials a peer that was queued when the swarm was suspended', async () => {
    await withLocalDht(async ({ swarm }) => {
      const topic = randomBytes(32)
      const remote = swarm()
      await remote.join(topic, { client: false }).flushed()

      // There is no room for peers yet, so the found peer is queued.
      const ours = swarm({ maxPeers: 0 })
      const session = ours.join(topic)
      await session.flushed()
      const peer = ours.peers.get(remote.keyPair.publicKey.toString('hex'))
      expect(peer?.queued).toBe(true)

      await ours.suspend()
      ours.maxPeers = 64
      await ours.resume()
      await session.flushed()
      expect(await session.refresh(), 'another lookup finds it again').toBe(true)

      const message = fixed('transport-hyperswarm', 'suspend takes `queued` back from every peer')
      expect(peer?.queued, message).toBe(true)
      expect(ours.stats.connects.client.attempted, message).toBe(0)

      // Nothing else prevents it: without the mark the next lookup dials the peer.
      peer!.queued = false
      const met = once(ours, 'connection')
      await session.refresh()
      await met
    })
  })

  it('destroys a DHT that was passed in', async () => {
    await withLocalDht(async ({ swarm, node }) => {
      const dht = node()
      const ours = swarm({ dht })
      await ours.destroy()
      const message = fixed('transport-hyperswarm', 'stop clears the swarm and closes its server by hand')
      expect(dht.destroyed, message).toBe(true)
    })
  })

  it('goes on listening to a DHT that was passed in, after the swarm was destroyed', async () => {
    await withLocalDht(async ({ swarm, node }) => {
      const dht = node()
      const listeners = () => dht.listenerCount('network-change') + dht.listenerCount('network-update')
      const before = listeners()
      await swarm({ dht }).destroy()
      const message = fixed('transport-hyperswarm', 'stop removes the listeners of the swarm from the DHT')
      expect(listeners(), message).toBeGreaterThan(before)
    })
  })

  it('resolves a second destroy() while the first one is still running', async () => {
    await withLocalDht(async ({ swarm }) => {
      const ours = swarm()
      await ours.join(randomBytes(32)).flushed()
      const first = ours.destroy()
      await ours.destroy()

      const message = fixed('transport-hyperswarm', 'stop keeps its one promise')
      expect(await isPending(first), message).toBe(true)
      await first
    })
  })

  it("ends every user's session of a topic when one of them calls leave()", async () => {
    await withLocalDht(async ({ swarm }) => {
      const ours = swarm()
      const topic = randomBytes(32)
      const session = ours.join(topic)
      await session.flushed()
      await ours.leave(topic)

      const message = fixed('transport-hyperswarm', 'a topic is left by destroying its session')
      await expect(session.refresh(), message).rejects.toThrow('PeerDiscovery is destroyed')
    })
  })

  it('does not tell the dialled side which topics a peer shares', async () => {
    await withLocalDht(async ({ swarm }) => {
      const topic = randomBytes(32)
      const server = swarm()
      const client = swarm()
      await server.join(topic, { client: false }).flushed()
      const [served, dialled] = [once(server, 'connection'), once(client, 'connection')]
      client.join(topic, { server: false })

      const [, dialledPeer] = (await dialled) as Connection
      expect(dialledPeer.topics).toEqual([topic])
      const [, servedPeer] = (await served) as Connection
      const message = fixed('transport-hyperswarm', 'topics are left out for connections that came in')
      expect(servedPeer.topics, message).toEqual([])
    })
  })
})
