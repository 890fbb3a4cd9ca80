import assert from 'node:assert/strict'
import { group } from '../case.js'
import type { CaseContext } from '../context.js'
import { ANNOUNCE, BOTH, LOOKUP, type Peer } from '../peer.js'

export const joinAndLeave = group('join-and-leave', {
  'announced-is-found': {
    promise: 'A lookup finds one that has announced the topic.',
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = await t.announce([a])
      b.join(topic, LOOKUP)
      await t.pair(a, b)
    }
  },
  'lookup-stands': {
    promise: 'A lookup goes on: it finds one that announces later.',
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = t.topic()
      b.join(topic, LOOKUP)
      await b.settle(topic)
      a.join(topic, ANNOUNCE)
      await t.pair(a, b)
    }
  },
  'announcing-does-not-dial': {
    promise: 'One that only announces does not look up.',
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
    promise: 'One that only looks up is not found.',
    async run(t) {
      const [a, b, c] = await t.peers(3)
      const topic = t.topic()
      for (const peer of [a, b]) {
        peer.join(topic, LOOKUP)
        await peer.settle(topic)
      }
      c.join(topic, ANNOUNCE)
      await t.pair(a, c)
      await t.pair(b, c)
      assert.ok(!a.met(b) && !b.met(a), 'two that only look up were connected')
    }
  },
  'topics-apart': {
    promise: 'A lookup finds nobody under another topic.',
    async run(t) {
      const [a, b, c] = await t.peers(3)
      await t.announce([a])
      const topic = await t.announce([b])
      await assertFindsOnly(t, c, { found: b, not: a, topic })
    }
  },
  'adds-announce': {
    promise: 'A further join replaces the mode: one that looked up only is found when it announces too.',
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = t.topic()
      a.join(topic, LOOKUP)
      await a.settle(topic)
      a.join(topic, BOTH)
      await a.settle(topic)
      b.join(topic, LOOKUP)
      await t.pair(a, b)
    }
  },
  'adds-lookup': {
    promise: 'A further join replaces the mode: one that announced only finds others when it looks up too.',
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = await t.announce([a, b])
      b.join(topic, BOTH)
      await t.pair(a, b)
    }
  },
  'drops-announce': {
    promise: 'A further join replaces the mode: one that looks up only is not found any more.',
    async run(t) {
      const [a, b, c] = await t.peers(3)
      const topic = t.topic()
      a.join(topic, BOTH)
      await a.settle(topic)
      a.join(topic, LOOKUP)
      await a.settle(topic)
      b.join(topic, ANNOUNCE)
      await b.settle(topic)
      await t.pair(a, b)
      await assertFindsOnly(t, c, { found: b, not: a, topic })
    }
  },
  'drops-lookup': {
    promise: 'A further join replaces the mode: one that announces only does not look up any more.',
    async run(t) {
      const [a, b, c] = await t.peers(3)
      const topic = t.topic()
      a.join(topic, BOTH)
      await a.settle(topic)
      a.join(topic, ANNOUNCE)
      await a.settle(topic)
      await assertDoesNotFind(t, a, { announcer: b, witness: c, topic })
    }
  },
  'leave-resolves': {
    promise: 'leave() resolves.',
    async run(t) {
      const [a] = await t.peers(2)
      const topic = await t.announce([a])
      await a.left(topic)
    }
  },
  'leave-ends-announcing': {
    promise: 'One that has left is not found any more.',
    async run(t) {
      const [a, b, c] = await t.peers(3)
      const topic = await t.announce([a, b])
      await a.leave(topic)
      await assertFindsOnly(t, c, { found: b, not: a, topic })
    }
  },
  'leave-ends-lookup': {
    promise: 'One that has left finds nobody any more.',
    async run(t) {
      const [a, b, c] = await t.peers(3)
      const topic = t.topic()
      a.join(topic, LOOKUP)
      await a.settle(topic)
      await a.leave(topic)
      await assertDoesNotFind(t, a, { announcer: b, witness: c, topic })
    }
  },
  'leave-keeps-streams': {
    promise: 'Leaving closes no stream.',
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = await t.meet([a, b])
      await t.talk(await t.pair(a, b))
      await a.leave(topic)
      await b.leave(topic)
      await t.turns()
      await t.talk(await t.pair(a, b))
    }
  },
  'leave-keeps-topics': {
    promise: 'Leaving a topic leaves the others alone.',
    async run(t) {
      const [a, b, c] = await t.peers(3)
      const topic = t.topic()
      a.join(topic, BOTH)
      const left = await t.announce([a])
      await a.settle(topic)
      await a.leave(left)
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
        await a.leave(topic)
        a.join(topic, ANNOUNCE)
      }
      await a.settle(topic)
      b.join(topic, LOOKUP)
      await t.pair(a, b)
    }
  }
})

/** That the one is found proves that the other could have been. */
async function assertFindsOnly(
  t: CaseContext,
  seeker: Peer,
  { found, not, topic }: { found: Peer; not: Peer; topic: Uint8Array }
): Promise<void> {
  seeker.join(topic, LOOKUP)
  await t.pair(seeker, found)
  await seeker.settle(topic)
  assert.ok(!seeker.met(not) && !not.met(seeker), `${seeker.name} found ${not.name}`)
}

/** That a witness finds an announcer proves that the other could have. */
async function assertDoesNotFind(
  t: CaseContext,
  peer: Peer,
  { announcer, witness, topic }: { announcer: Peer; witness: Peer; topic: Uint8Array }
): Promise<void> {
  announcer.join(topic, ANNOUNCE)
  await announcer.settle(topic)
  witness.join(topic, LOOKUP)
  await t.pair(witness, announcer)
  await witness.settle(topic)
  assert.ok(!peer.met(announcer) && !announcer.met(peer), `${peer.name} found ${announcer.name}`)
}
