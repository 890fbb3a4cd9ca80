import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import HyperDHT from 'hyperdht'
import type Hyperswarm from 'hyperswarm'
import { describe, expect, it } from 'vitest'
import { within } from '../support/bound.js'
import { type LocalDht, withLocalDht } from '../support/local-dht.js'
import { until } from '../support/swarm-events.js'
import { fixed } from './fixed.js'

const CLIENTS = 3
const STRANGERS = 20
/** They need less than 2 s. */
const PATIENCE = 10_000

describe("Hyperswarm's limits on who comes in", () => {
  it('never look at maxServerConnections', async () => {
    await withLocalDht(async (dht) => {
      const server = dht.swarm({ maxServerConnections: 1 })
      await server.listen()
      for (let i = 0; i < CLIENTS; i++) await dial(dht, server)

      const message = fixed('networker', 'maxPeers counts what comes in, and wants() refuses the surplus')
      expect(server.connections.size, message).toBe(CLIENTS)
    })
  })

  it("never dial a peer, and ban it, when a firewall's promise lets it pass", async () => {
    await withLocalDht(async ({ swarm }) => {
      const ours = swarm({ firewall: async () => false })
      ours.joinPeer(randomBytes(32))

      const message = fixed('networker', 'the firewall runs after a stream was handed over')
      expect(ours.stats, message).toMatchObject({ bannedPeers: 1, connects: { client: { attempted: 0 } } })
    })
  })

  it("ban a peer that comes in, though a firewall's promise lets it pass and it connects", async () => {
    await withLocalDht(async (dht) => {
      const server = dht.swarm({ firewall: async () => false })
      await server.listen()
      await dial(dht, server)

      const banned = [...server.peers.values()].map((peer) => peer.banned)
      expect(banned, fixed('networker', 'the firewall runs after a stream was handed over')).toEqual([true])
    })
  })

  it('refuse for good a peer that was refused once, without asking again', async () => {
    await withLocalDht(async ({ swarm }) => {
      let asked = 0
      const ours = swarm({ firewall: () => ++asked === 1 })
      const key = randomBytes(32)
      ours.joinPeer(key)
      ours.leavePeer(key)
      ours.joinPeer(key)

      const message = fixed('networker', 'the firewall bans nobody')
      expect(asked, message).toBe(1)
      expect(ours.stats.connects.client.attempted, message).toBe(0)
    })
  })

  it('remember for ever every stranger that was refused', async () => {
    await withLocalDht(async (dht) => {
      const server = dht.swarm({ firewall: () => true })
      await server.listen()
      const node = dht.node()
      for (let i = 0; i < STRANGERS; i++) {
        const keyPair = HyperDHT.keyPair()
        node.connect(server.keyPair.publicKey, { keyPair }).on('error', () => {})
      }
      await within(
        PATIENCE,
        until(server, 'ban', () => server.stats.bannedPeers >= STRANGERS)
      )
      await node.destroy()

      expect(server.connections.size).toBe(0)
      const message = fixed('networker', 'the firewall never reaches Hyperswarm, which would keep the key')
      expect(server.peers.size, message).toBe(STRANGERS)
    })
  })
})

/** Connects to a swarm from a node of its own; resolves when the swarm sees it. */
async function dial({ node }: LocalDht, server: Hyperswarm): Promise<void> {
  const arrived = once(server, 'connection')
  const connection = node().connect(server.keyPair.publicKey)
  connection.on('error', () => {})
  await arrived
}
