import { group } from '../case.js'
import type { CaseContext } from '../context.js'
import { pairs } from '../pair.js'
import type { Peer } from '../peer.js'

export const simultaneousDial = group('simultaneous-dial', {
  'both-meet': {
    promise: 'Two peers that join a topic at the same moment connect.',
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = t.topic()
      a.join(topic)
      b.join(topic)
      await t.pair(a, b)
    }
  },
  'one-is-left': {
    promise: 'Two peers that join a topic at the same moment keep a connection that works at both ends.',
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = t.topic()
      a.join(topic)
      b.join(topic)
      await Promise.all([a.tryFlush(topic), b.tryFlush(topic)])
      await t.pair(a, b)
      await t.turns()
      await talkOnAny(t, a, b)
    }
  },
  'both-flush': {
    promise: 'When two peers join a topic at the same moment, the flushes of both resolve.',
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
      'Two peers that connect() to each other at the same moment both succeed, and keep a connection that works.',
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

/** Tries every connection between two peers: their transports may close surplus ones meanwhile. */
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
