import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { assertRejectsWith } from '../assert-rejects.js'
import { group } from '../case.js'
import { createKeyPair } from '../key-pair.js'
import { noop } from '../noop.js'
import { LOOKUP, type Peer } from '../peer.js'

export const connect = group('connect', {
  reaches: {
    promise: 'connect() reaches a peer by its key.',
    needs: ['connect'],
    async run(t) {
      const [a, b] = await t.peers(2)
      await t.announce([a])
      await b.connect(a.key)
      await t.talk(await t.pair(a, b))
    }
  },
  'handed-over-first': {
    promise: 'The stream is handed over before connect() resolves.',
    needs: ['connect'],
    async run(t) {
      const [a, b] = await t.peers(2)
      await t.announce([a])
      await b.connect(a.key)
      assert.ok(b.met(a), 'connect() resolved before the hand-over')
    }
  },
  'connected-already': {
    promise: 'connect() to a peer that is connected resolves without a second connection.',
    needs: ['connect'],
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = await t.announce([a])
      b.join(topic, LOOKUP) // B alone dials: if both did, a second stream could come late
      await t.pair(a, b)
      await b.tryFlush(topic)
      const before = b.host.connections.length
      await b.connect(a.key)
      await t.turns()
      assert.equal(b.host.connections.length, before, 'another stream was handed over')
    }
  },
  'several-at-once': {
    promise: 'Several calls of connect() for one peer at the same time all resolve.',
    needs: ['connect'],
    async run(t) {
      const [a, b] = await t.peers(2)
      await t.announce([a])
      await Promise.all([b.connect(a.key), b.connect(a.key), b.connect(a.key)])
      assert.ok(b.met(a))
    }
  },
  again: {
    promise: 'After the connection to a peer has closed, connect() reaches the peer again.',
    needs: ['connect'],
    async run(t) {
      const [a, b] = await t.peers(2)
      await t.announce([a])
      await b.connect(a.key)
      const { near, far } = await t.pair(a, b)
      far.stream.destroy()
      await t.until('the close of both ends', () => near.closes > 0 && far.closes > 0)
      await b.connect(a.key)
      await t.talk(await t.pair(a, b))
    }
  },
  unknown: {
    promise: 'connect() rejects when nobody has the key.',
    needs: ['connect'],
    async run(t) {
      const [a, b] = await t.peers(2)
      await t.announce([a])
      await assert.rejects(b.connect(createKeyPair().publicKey), 'it resolved')
      assert.equal(b.host.connections.length, 0, 'somebody else was handed over')
    }
  },
  unwanted: {
    promise: 'connect() rejects, and hands nothing over, when the host does not want the peer.',
    needs: ['connect'],
    async run(t) {
      const a = await t.peer()
      const b = await t.peer({ admits: () => false })
      await t.announce([a])
      await assert.rejects(b.connect(a.key), 'it resolved')
      assert.equal(b.host.connections.length, 0, 'the peer was handed over')
    }
  },
  'aborted-before': {
    promise: "connect() rejects with the signal's reason when the signal has aborted already.",
    needs: ['connect'],
    async run(t) {
      const [a, b] = await t.peers(2)
      await t.announce([a])
      const reason = { aborted: 'before' }
      await assertRejectsWith(reason, b.connect(a.key, AbortSignal.abort(reason)))
    }
  },
  'aborted-in-hand': {
    promise: "An abort ends connect(): it rejects with the signal's reason.",
    needs: ['connect'],
    async run(t) {
      const [a, b] = await t.peers(2)
      await t.announce([a])
      const reason = { aborted: 'in hand' }
      await assertRejectsWith(reason, abortedConnect(b, a, reason))
    }
  },
  'aborted-and-again': {
    promise: 'After a connect() was aborted, the next one succeeds.',
    needs: ['connect'],
    async run(t) {
      const [a, b] = await t.peers(2)
      await t.announce([a])
      await abortedConnect(b, a, new Error('enough')).catch(noop)
      await b.connect(a.key)
      await t.until('the hand-over', () => b.has(a))
    }
  },
  'frees-an-aborted-one': {
    promise: 'After stop() no handle of an aborted connect() is left.',
    needs: ['connect'],
    async run(t) {
      const [a, b] = [await t.peer(), await t.idlePeer()]
      await t.announce([a])
      const watch = t.watch()
      await watch.run(async () => {
        await b.start()
        await abortedConnect(b, a, new Error('enough')).catch(noop)
        await b.close()
      })
      await t.assertFreed(watch, 'stop()')
    }
  },
  'lets-go-of-signal': {
    promise: 'connect() leaves no listener on its signal.',
    needs: ['connect'],
    async run(t) {
      const [a, b] = await t.peers(2)
      await t.announce([a])
      const { signal } = new AbortController()
      await b.connect(a.key, signal)
      await t.turns()
      assert.equal(getEventListeners(signal, 'abort').length, 0, 'listeners are left on the signal')
    }
  }
})

function abortedConnect(peer: Peer, remote: Peer, reason: unknown): Promise<void> {
  const controller = new AbortController()
  const connected = peer.connect(remote.key, controller.signal)
  controller.abort(reason)
  return connected
}
