import assert from 'node:assert/strict'
import { group } from '../case.js'
import { createKeyPair } from '../key-pair.js'
import { ANNOUNCE, LOOKUP } from '../peer.js'

export const start = group('start', {
  alone: {
    promise: 'start() resolves when nobody else is there.',
    async run(t) {
      await t.peer()
    }
  },
  'joins-nothing': {
    promise: 'A peer that has joined no topic finds nobody, and nobody finds it.',
    async run(t) {
      const [a, b, c, d] = await t.peers(4)
      await t.meet([a, b])
      for (const idle of [c, d]) {
        assert.equal(idle.host.connections.length, 0, 'a peer without a topic was connected')
        assert.ok(!a.met(idle) && !b.met(idle), 'a peer without a topic was found')
      }
    }
  },
  aborted: {
    promise: 'A start in hand ends when host.signal aborts, and stop() can follow.',
    async run(t) {
      const peer = await t.idlePeer()
      const started = peer.start().catch(() => {}) // it may reject: it was not to start
      peer.host.abort(new Error('stopped while starting'))
      await started
      await peer.stopped()
    }
  },
  'same-key-again': {
    promise: 'A new transport can take the key pair of one that stopped.',
    async run(t) {
      const keyPair = createKeyPair()
      const first = await t.peer({ keyPair })
      const remote = await t.peer()
      const topic = t.topic()
      first.join(topic, ANNOUNCE)
      await first.settle(topic)
      await first.stop()
      const second = await t.peer({ keyPair })
      second.join(topic, ANNOUNCE)
      await second.settle(topic)
      remote.join(topic, LOOKUP)
      await t.pair(second, remote)
    }
  },
  'key-pair-stays': {
    promise: "The host's key pair is as it was when the transport has stopped: other transports use it too.",
    async run(t) {
      const keyPair = createKeyPair()
      const before = Buffer.concat([keyPair.publicKey, keyPair.secretKey])
      const a = await t.peer({ keyPair })
      const b = await t.peer()
      await t.meet([a, b])
      await a.stop()
      assert.ok(
        before.equals(Buffer.concat([keyPair.publicKey, keyPair.secretKey])),
        'the key pair was changed'
      )
    }
  },
  'plain-bytes': {
    promise: 'Keys and topics may be plain Uint8Arrays.',
    async run(t) {
      const [one, other] = [createKeyPair(), createKeyPair()].map(({ publicKey, secretKey }) => ({
        publicKey: Uint8Array.from(publicKey),
        secretKey: Uint8Array.from(secretKey)
      }))
      const a = await t.peer({ keyPair: one! })
      const b = await t.peer({ keyPair: other! })
      await t.meet([a, b], Uint8Array.from(t.topic()))
    }
  }
})
