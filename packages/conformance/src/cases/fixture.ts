import assert from 'node:assert/strict'
import { group } from '../case.js'
import { ANNOUNCE, LOOKUP } from '../peer.js'

/** Characters. Errors and logs contain the name. */
const LONGEST_NAME = 32
const METHODS = ['start', 'join', 'leave', 'flush', 'stop'] as const

export const fixture = group('fixture', {
  'new-transports': {
    promise: 'createTransport() returns a new transport each time.',
    async run(t) {
      const peers = [await t.idlePeer(), await t.idlePeer(), await t.idlePeer()]
      const transports = new Set(peers.map(({ transport }) => transport))
      assert.equal(
        transports.size,
        peers.length,
        'one transport was returned twice; each serves one networker'
      )
    }
  },
  'isolated-networks': {
    promise: 'Peers of two networks never find each other.',
    async run(t) {
      const [here, there] = [await t.network(), await t.network()]
      const topic = t.topic()
      const a = await t.peer({}, here)
      const [b, c] = await t.peers(2, {}, there)
      for (const peer of [a, b]) {
        peer.join(topic, ANNOUNCE)
        await peer.tryFlush(topic)
      }
      c.join(topic, LOOKUP)
      await t.until('the peer of the same network', () => c.met(b))
      await c.tryFlush(topic)
      assert.ok(
        !c.met(a),
        'a peer of another network was found; keep shared state in the network, not in the module'
      )
    }
  },
  closes: {
    promise: "The network's close() resolves, and no handle of the network or its transports is left.",
    async run(t) {
      const watch = t.watch()
      await watch.run(async () => {
        const network = await t.network()
        const peer = await t.peer({}, network)
        await peer.close()
        await t.close(network)
      })
      await t.assertFreed(watch, "the network's close()")
    }
  },
  name: {
    promise: `A transport has a name of 1 to ${LONGEST_NAME} characters, which stays the same.`,
    async run(t) {
      const { transport } = await t.idlePeer()
      const { name } = transport
      assert.equal(typeof name, 'string', 'name is no string')
      assert.ok(name.length > 0 && name.length <= LONGEST_NAME, `name has ${name.length} characters`)
      assert.equal(transport.name, name, 'name changed')
    }
  },
  methods: {
    promise:
      'A transport has start, join, leave, flush and stop, and either both or none of suspend and resume.',
    async run(t) {
      const { transport } = await t.peer()
      for (const method of METHODS)
        assert.equal(typeof transport[method], 'function', `it has no ${method}()`)
      assert.equal(
        typeof transport.resume,
        typeof transport.suspend,
        'it has only one of suspend() and resume()'
      )
    }
  }
})
