import assert from 'node:assert/strict'
import { group } from '../case.js'
import { createKeyPair } from '../key-pair.js'
import { noop } from '../noop.js'
import { ANNOUNCE, LOOKUP } from '../peer.js'

export const start = group('start', {
  alone: {
    promise: 'start() resolves when there is no other peer.',
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
    promise: 'When host.signal aborts during start(), the start ends and stop() can follow.',
    async run(t) {
      const peer = await t.idlePeer()
      const started = peer.start().catch(noop) // rejecting is fine: it was told not to start
      peer.host.abort(new Error('stopped while starting'))
      await started
      await peer.stop()
    }
  },
  'same-key-again': {
    promise: 'A new transport can use the key pair of a transport that has stopped.',
    async run(t) {
      const keyPair = createKeyPair()
      const first = await t.peer({ keyPair })
      const remote = await t.peer()
      const topic = t.topic()
      first.join(topic, ANNOUNCE)
      await first.tryFlush(topic)
      await first.close()
      const second = await t.peer({ keyPair })
      second.join(topic, ANNOUNCE)
      await second.tryFlush(topic)
      remote.join(topic, LOOKUP)
      await t.pair(second, remote)
    }
  },
  'key-pair-stays': {
    promise:
      "The transport leaves the bytes of the host's key pair unchanged: other transports use them too.",
    async run(t) {
      const keyPair = createKeyPair()
      const before = Buffer.concat([keyPair.publicKey, keyPair.secretKey])
      const a = await t.peer({ keyPair })
      const b = await t.peer()
      await t.meet([a, b])
      await a.close()
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
