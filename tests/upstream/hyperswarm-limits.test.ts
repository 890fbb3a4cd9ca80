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
/** Milliseconds. It takes less than 2 s. */
const PATIENCE = 10_000

describe("Hyperswarm's limits for incoming connections", () => {
  it('never look at maxServerConnections', async () => {
    await withLocalDht(async (dht) => {
      const server = dht.swarm({ maxServerConnections: 1 })
      await server.listen()
      for (let i = 0; i < CLIENTS; i++) await dial(dht, server)

      const message = fixed('networker', 'maxPeers counts what comes in, and wants() refuses the surplus')
      expect(server.connections.size, message).toBe(CLIENTS)
    })
  })

  it('ban a peer without a dial when the firewall returns a promise of false', async () => {
    await withLocalDht(async ({ swarm }) => {
      const ours = swarm({ firewall: async () => false })
      ours.joinPeer(randomBytes(32))

      const message = fixed('networker', 'the firewall runs after a stream was handed over')
      expect(ours.stats, message).toMatchObject({ bannedPeers: 1, connects: { client: { attempted: 0 } } })
    })
  })

  it('ban an incoming peer when the firewall returns a promise of false, though it connects', async () => {
    await withLocalDht(async (dht) => {
      const server = dht.swarm({ firewall: async () => false })
      await server.listen()
      await dial(dht, server)

      const banned = [...server.peers.values()].map((peer) => peer.banned)
      expect(banned, fixed('networker', 'the firewall runs after a stream was handed over')).toEqual([true])
    })
  })

  it('refuse a peer for good that was refused once, and never ask the firewall again', async () => {
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

  it('keep every refused stranger for ever', async () => {
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

/** Connects to a swarm from a new node. Resolves when the swarm has the connection. */
async function dial({ node }: LocalDht, server: Hyperswarm): Promise<void> {
  const arrived = once(server, 'connection')
  const connection = node().connect(server.keyPair.publicKey)
  connection.on('error', () => {})
  await arrived
}
