import { group } from '../case.js'
import { type CaseContext, pairs } from '../context.js'
import type { Peer } from '../peer.js'

export const simultaneousDial = group('simultaneous-dial', {
  'both-meet': {
    promise: 'Two that join a topic at the same moment meet.',
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = t.topic()
      a.join(topic)
      b.join(topic)
      await t.pair(a, b)
    }
  },
  'one-is-left': {
    promise: 'Two that join a topic at the same moment keep a connection that works at both ends.',
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = t.topic()
      a.join(topic)
      b.join(topic)
      await Promise.all([a.settle(topic), b.settle(topic)])
      await t.pair(a, b)
      await t.turns()
      await talkOnAny(t, a, b)
    }
  },
  'both-flush': {
    promise: 'The flushes of two that join a topic at the same moment resolve.',
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = t.topic()
      a.join(topic)
      b.join(topic)
      await Promise.all([a.flush(topic), b.flush(topic)])
    }
  },
  'both-connect': {
    promise:
      'Two that connect to each other at the same moment both succeed, and keep a connection that works.',
    needs: ['connect'],
    async run(t) {
      const [a, b] = await t.peers(2)
      await t.announce([a, b])
      await Promise.all([a.connect(b.key), b.connect(a.key)])
      await t.turns()
      await talkOnAny(t, a, b)
    }
  }
})

/** Of several connections between two some may be closed by their transports meanwhile. */
async function talkOnAny(t: CaseContext, a: Peer, b: Peer): Promise<void> {
  const tried = new Set<string>()
  const what = () =>
    `a frame over a connection that both ends kept ` +
    `(${a.name} has ${a.connections.length} open of ${a.host.connections.length}, ` +
    `${b.name} ${b.connections.length} of ${b.host.connections.length}, ${tried.size} tried)`
  await t.until(what, () => {
    for (const { near } of pairs(a, b)) {
      if (tried.has(near.id)) continue
      tried.add(near.id)
      near.send('still here')
    }
    return pairs(a, b).some(({ far }) => far.frames.length > 0)
  })
}
