import assert from 'node:assert/strict'
import { group } from '../case.js'
import type { CaseContext } from '../context.js'
import { ANNOUNCE, BOTH, LOOKUP, type Peer } from '../peer.js'

export const joinAndLeave = group('join-and-leave', {
  'announced-is-found': {
    promise: 'A lookup finds a peer that has announced the topic.',
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = await t.announce([a])
      b.join(topic, LOOKUP)
      await t.pair(a, b)
    }
  },
  'lookup-stands': {
    promise: 'A lookup goes on: it finds a peer that announces later.',
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = t.topic()
      b.join(topic, LOOKUP)
      await b.tryFlush(topic)
      a.join(topic, ANNOUNCE)
      await t.pair(a, b)
    }
  },
  'announcing-does-not-dial': {
    promise: 'A peer that only announces does not look up.',
    async run(t) {
      const [a, b, c] = await t.peers(3)
      const topic = await t.announce([a, b])
      c.join(topic, LOOKUP)
      await t.pair(a, c)
      await t.pair(b, c)
      assert.ok(!a.met(b) && !b.met(a), 'two that only announce were connected')
    }
  },
  'looking-up-does-not-announce': {
    promise: 'A peer that only looks up is not found.',
    async run(t) {
      const [a, b, c] = await t.peers(3)
      const topic = t.topic()
      for (const peer of [a, b]) {
        peer.join(topic, LOOKUP)
        await peer.tryFlush(topic)
      }
      c.join(topic, ANNOUNCE)
      await t.pair(a, c)
      await t.pair(b, c)
      assert.ok(!a.met(b) && !b.met(a), 'two that only look up were connected')
    }
  },
  'topics-apart': {
    promise: 'A lookup does not find peers of another topic.',
    async run(t) {
      const [a, b, c] = await t.peers(3)
      await t.announce([a])
      const topic = await t.announce([b])
      await assertFindsOnly(t, c, { found: b, not: a, topic })
    }
  },
  'adds-announce': {
    promise: 'A second join replaces the mode: a peer that only looked up is found once it announces too.',
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = t.topic()
      a.join(topic, LOOKUP)
      await a.tryFlush(topic)
      a.join(topic, BOTH)
      await a.tryFlush(topic)
      b.join(topic, LOOKUP)
      await t.pair(a, b)
    }
  },
  'adds-lookup': {
    promise: 'A second join replaces the mode: a peer that only announced finds others once it looks up too.',
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = await t.announce([a, b])
      b.join(topic, BOTH)
      await t.pair(a, b)
    }
  },
  'drops-announce': {
    promise: 'A second join replaces the mode: a peer that only looks up now is not found any more.',
    async run(t) {
      const [a, b, c] = await t.peers(3)
      const topic = t.topic()
      a.join(topic, BOTH)
      await a.tryFlush(topic)
      a.join(topic, LOOKUP)
      await a.tryFlush(topic)
      b.join(topic, ANNOUNCE)
      await b.tryFlush(topic)
      await t.pair(a, b)
      await assertFindsOnly(t, c, { found: b, not: a, topic })
    }
  },
  'drops-lookup': {
    promise: 'A second join replaces the mode: a peer that only announces now does not look up any more.',
    async run(t) {
      const [a, b, c] = await t.peers(3)
      const topic = t.topic()
      a.join(topic, BOTH)
      await a.tryFlush(topic)
      a.join(topic, ANNOUNCE)
      await a.tryFlush(topic)
      await assertDoesNotFind(t, a, { announcer: b, witness: c, topic })
    }
  },
  'leave-resolves': {
    promise: 'leave() resolves.',
    async run(t) {
      const [a] = await t.peers(2)
      const topic = await t.announce([a])
      await a.leave(topic)
    }
  },
  'leave-ends-announcing': {
    promise: 'A peer that has left a topic is not found any more.',
    async run(t) {
      const [a, b, c] = await t.peers(3)
      const topic = await t.announce([a, b])
      await a.tryLeave(topic)
      await assertFindsOnly(t, c, { found: b, not: a, topic })
    }
  },
  'leave-ends-lookup': {
    promise: 'A peer that has left a topic finds nobody any more.',
    async run(t) {
      const [a, b, c] = await t.peers(3)
      const topic = t.topic()
      a.join(topic, LOOKUP)
      await a.tryFlush(topic)
      await a.tryLeave(topic)
      await assertDoesNotFind(t, a, { announcer: b, witness: c, topic })
    }
  },
  'leave-keeps-streams': {
    promise: 'Leaving closes no stream.',
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = await t.meet([a, b])
      await t.talk(await t.pair(a, b))
      await a.tryLeave(topic)
      await b.tryLeave(topic)
      await t.turns()
      await t.talk(await t.pair(a, b))
    }
  },
  'leave-keeps-topics': {
    promise: 'Leaving a topic does not affect other topics.',
    async run(t) {
      const [a, b, c] = await t.peers(3)
      const topic = t.topic()
      a.join(topic, BOTH)
      const left = await t.announce([a])
      await a.tryFlush(topic)
      await a.tryLeave(left)
      b.join(topic, LOOKUP)
      await t.pair(a, b)
      c.join(topic, ANNOUNCE)
      await t.pair(a, c)
    }
  },
  'joins-again': {
    promise: 'A topic that was left can be joined again.',
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = await t.announce([a])
      for (let i = 0; i < 3; i++) {
        await a.tryLeave(topic)
        a.join(topic, ANNOUNCE)
      }
      await a.tryFlush(topic)
      b.join(topic, LOOKUP)
      await t.pair(a, b)
    }
  }
})

/** Finding one peer proves that the other one could have been found too. */
async function assertFindsOnly(
  t: CaseContext,
  seeker: Peer,
  { found, not, topic }: { found: Peer; not: Peer; topic: Uint8Array }
): Promise<void> {
  seeker.join(topic, LOOKUP)
  await t.pair(seeker, found)
  await seeker.tryFlush(topic)
  assert.ok(!seeker.met(not) && !not.met(seeker), `${seeker.name} found ${not.name}`)
}

/** A witness that finds the announcer proves that the peer could have found it too. */
async function assertDoesNotFind(
  t: CaseContext,
  peer: Peer,
  { announcer, witness, topic }: { announcer: Peer; witness: Peer; topic: Uint8Array }
): Promise<void> {
  announcer.join(topic, ANNOUNCE)
  await announcer.tryFlush(topic)
  witness.join(topic, LOOKUP)
  await t.pair(witness, announcer)
  await witness.tryFlush(topic)
  assert.ok(!peer.met(announcer) && !announcer.met(peer), `${peer.name} found ${announcer.name}`)
}
