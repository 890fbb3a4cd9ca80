import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { assertRejectsWith } from '../assert-rejects.js'
import { group } from '../case.js'
import type { CaseContext } from '../context.js'
import { noop } from '../noop.js'
import { ANNOUNCE, BOTH, LOOKUP, type Peer } from '../peer.js'

export const flush = group('flush', {
  'announced-is-found': {
    promise: 'F1: after the flush of an announcing peer has resolved, a new lookup finds that peer.',
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = t.topic()
      a.join(topic, ANNOUNCE)
      await a.flush(topic)
      b.join(topic, LOOKUP)
      await b.flush(topic)
      assert.ok(b.met(a), 'a lookup begun after the flush did not find the peer that had announced')
    }
  },
  'announced-later-is-found': {
    promise: 'F1 also holds when a second join adds the announcement.',
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = t.topic()
      a.join(topic, LOOKUP)
      await a.tryFlush(topic)
      a.join(topic, BOTH)
      await a.flush(topic)
      b.join(topic, LOOKUP)
      await b.flush(topic)
      assert.ok(b.met(a), 'the flush after the second join did not wait for the announcement')
    }
  },
  'all-found-are-handed-over': {
    promise: 'F2: every peer that the lookup found is handed over before the flush resolves.',
    async run(t) {
      const [a, b, c, d] = await t.peers(4)
      const topic = await t.announce([a, b, c])
      d.join(topic, LOOKUP)
      await d.flush(topic)
      const missing = [a, b, c].filter((peer) => !d.met(peer)).map(({ name }) => name)
      assert.deepEqual(missing, [], 'announced, but not handed over when the flush resolved')
    }
  },
  'newcomers-too': {
    promise:
      'F2 counts from the call: a second flush also waits for peers that announced after the first one.',
    async run(t) {
      const [a, b, c] = await t.peers(3)
      const topic = await t.announce([a])
      c.join(topic, LOOKUP)
      await c.flush(topic)
      b.join(topic, ANNOUNCE)
      await b.tryFlush(topic)
      await c.flush(topic)
      assert.ok(c.met(b), 'the second flush did not wait for the peer that had announced meanwhile')
    }
  },
  'unwanted-counts': {
    promise: 'F2: a peer that our host does not want counts as refused, so the flush resolves.',
    async run(t) {
      const a = await t.peer()
      const b = await t.peer({ admits: () => false })
      const topic = await t.announce([a])
      b.join(topic, LOOKUP)
      await b.flush(topic)
    }
  },
  'refused-counts': {
    promise: 'F2: a peer whose host does not want us counts as refused, so the flush resolves.',
    async run(t) {
      const a = await t.peer({ admits: () => false })
      const b = await t.peer()
      const topic = await t.announce([a])
      b.join(topic, LOOKUP)
      await b.flush(topic)
    }
  },
  'connected-counts': {
    promise: 'F2: a peer that is connected already counts as handed over, so the flush resolves.',
    async run(t) {
      const [a, b] = await t.peers(2)
      await t.meet([a, b])
      const topic = await t.announce([a])
      b.join(topic, LOOKUP)
      await b.flush(topic)
      assert.ok(b.met(a))
    }
  },
  'alone-announcing': {
    promise: 'F4: without other peers, a flush in announce mode waits for the announcement only.',
    run: (t) => flushesAlone(t, ANNOUNCE)
  },
  'alone-looking-up': {
    promise: 'F4: without other peers, a flush in lookup mode waits for the lookup only.',
    run: (t) => flushesAlone(t, LOOKUP)
  },
  'alone-both': {
    promise: 'F4: without other peers, a flush in both modes waits for the announcement and the lookup only.',
    run: (t) => flushesAlone(t, BOTH)
  },
  'several-at-once': {
    promise: 'Several flushes of one topic at the same time all resolve.',
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = await t.announce([a])
      b.join(topic, LOOKUP)
      await Promise.all([b.flush(topic), b.flush(topic), b.flush(topic)])
    }
  },
  'aborted-before': {
    promise: "F5: a flush rejects with the signal's reason when the signal has aborted already.",
    async run(t) {
      const [a] = await t.peers(2)
      const topic = await t.announce([a])
      const reason = { aborted: 'before' }
      await assertRejectsWith(reason, a.flush(topic, AbortSignal.abort(reason)))
    }
  },
  'aborted-in-hand': {
    promise: "F5: an abort ends a flush: it rejects with the signal's reason.",
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = await t.announce([a])
      const reason = { aborted: 'in hand' }
      b.join(topic, LOOKUP)
      await assertRejectsWith(reason, abortedFlush(b, topic, reason))
    }
  },
  'abort-keeps-topic': {
    promise: 'F5: after an aborted flush the topic stays joined.',
    async run(t) {
      const [a, b, c] = await t.peers(3)
      const topic = await t.announce([a])
      b.join(topic, LOOKUP)
      await abortedFlush(b, topic, new Error('enough')).catch(noop)
      c.join(topic, ANNOUNCE)
      await t.until('both peers that were looked up', () => b.met(a) && b.met(c))
    }
  },
  'abort-ends-one': {
    promise: 'F5: an abort ends the flush that the signal was passed to, and no other one.',
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = await t.announce([a])
      b.join(topic, LOOKUP)
      const other = b.flush(topic)
      const aborted = abortedFlush(b, topic, new Error('enough')).catch(noop)
      await other
      await aborted
      assert.ok(b.met(a), 'the other flush resolved before the peer was handed over')
    }
  },
  'leaving-ends-it': {
    promise: 'F5: when the topic is left and the signal aborts, the flush settles and leave() resolves.',
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = await t.announce([a])
      b.join(topic, LOOKUP)
      const flushed = abortedFlush(b, topic, new Error('left')).catch(noop)
      await b.leave(topic)
      await flushed
    }
  },
  'lets-go-of-signal': {
    promise: 'A flush leaves no listener on its signal.',
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = await t.announce([a])
      const { signal } = new AbortController()
      b.join(topic, LOOKUP)
      await b.flush(topic, signal)
      await t.turns()
      assert.equal(getEventListeners(signal, 'abort').length, 0, 'listeners are left on the signal')
    }
  }
})

async function flushesAlone(t: CaseContext, mode: typeof BOTH): Promise<void> {
  const [a] = await t.peers(2)
  const topic = t.topic()
  a.join(topic, mode)
  await a.flush(topic)
}

/** Aborts in the tick of the call, so that no peer can have been reached yet. */
function abortedFlush(peer: Peer, topic: Uint8Array, reason: unknown): Promise<void> {
  const controller = new AbortController()
  const flushed = peer.flush(topic, controller.signal)
  controller.abort(reason)
  return flushed
}
