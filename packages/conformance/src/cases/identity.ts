import assert from 'node:assert/strict'
import { hex } from '../bytes.js'
import { group } from '../case.js'
import type { CaseContext } from '../context.js'
import type { Peer } from '../peer.js'
import type { Breach } from '../recording-host.js'

export const identity = group('identity', {
  'own-key': {
    promise: "The publicKey of a stream is the host's.",
    async run(t) {
      const { a, b } = await t.link()
      assertNone('wrong key', [a, b], 'publicKey is another than that of host.keyPair; pass it to secure()')
    }
  },
  'remote-key': {
    promise: 'The remotePublicKey of a stream is the key that the remote proved in the handshake.',
    async run(t) {
      const { a, b, near, far } = await t.link()
      assert.equal(hex(near.stream.remotePublicKey), hex(b.key), "A's end names another peer than B")
      assert.equal(hex(far.stream.remotePublicKey), hex(a.key), "B's end names another peer than A")
    }
  },
  open: {
    promise: 'A stream is open when it is handed over.',
    async run(t) {
      const { a, b } = await t.link()
      assertNone(
        'not open',
        [a, b],
        'a stream was handed over before its handshake was done; await secure() first'
      )
    }
  },
  once: {
    promise: 'A stream is handed over once.',
    async run(t) {
      const pair = await t.link()
      await t.talk(pair)
      assertNone('twice', [pair.a, pair.b], 'one stream was handed over twice')
    }
  },
  'not-ourselves': {
    promise: 'A peer that announces and looks up one topic does not connect to itself.',
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = await t.meet([a, b])
      await a.tryFlush(topic)
      assertNone('itself', [a, b], 'a connection to ourselves was handed over; ask host.wants(key) first')
    }
  },
  roles: {
    promise: 'One of the two ends of a connection is the initiator.',
    async run(t) {
      const { near, far } = await t.link()
      assert.notEqual(near.stream.isInitiator, far.stream.isInitiator, 'isInitiator is the same at both ends')
    }
  },
  type: {
    promise: 'The type of a hand-over is a short word for what carries the stream.',
    async run(t) {
      await eachInfo(t, ({ type }) => {
        assert.ok(typeof type === 'string' && /^[\w-]{1,16}$/.test(type), `type is ${JSON.stringify(type)}`)
      })
    }
  },
  address: {
    promise: "The remoteAddress of a hand-over is the remote's host:port, or undefined.",
    async run(t) {
      await eachInfo(t, ({ remoteAddress }) => {
        if (remoteAddress === undefined) return
        assert.match(remoteAddress, /^.+:\d+$/, 'remoteAddress is not host:port')
      })
    }
  },
  topics: {
    promise: 'The topics of a hand-over, where they are given, are those under which the remote was found.',
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = await t.meet([a, b])
      for (const { info } of [...a.host.connections, ...b.host.connections]) {
        for (const found of info.topics ?? []) assert.equal(hex(found), hex(topic), 'it names another topic')
      }
    }
  }
})

function assertNone(breach: Breach, peers: readonly Peer[], message: string): void {
  for (const { host } of peers) assert.ok(!host.breaches.includes(breach), message)
}

async function eachInfo(
  t: CaseContext,
  check: (info: { readonly type: unknown; readonly remoteAddress?: string }) => void
): Promise<void> {
  const { near, far } = await t.link()
  check(near.info)
  check(far.info)
}
