import assert from 'node:assert/strict'
import { group } from '../case.js'
import { ANNOUNCE, BOTH, LOOKUP, type Peer } from '../peer.js'

export const stop = group('stop', {
  resolves: {
    promise: 'stop() resolves, topics or not.',
    async run(t) {
      const [a, b] = await t.peers(2)
      await t.announce([a])
      await a.stopped()
      await b.stopped()
    }
  },
  'does-not-wait-for-streams': {
    promise: 'stop() does not wait for streams that were handed over, unless it destroys them.',
    async run(t) {
      const pair = await t.link()
      await t.talk(pair)
      await pair.a.stopped()
    }
  },
  'while-leaving': {
    promise: 'stop() resolves while a topic is being left, and so does leave().',
    async run(t) {
      const [a] = await t.peers(2)
      const topic = t.topic()
      a.join(topic, BOTH)
      const left = a.left(topic)
      await Promise.all([a.stopped(), left])
    }
  },
  'while-flushing': {
    promise: 'A flush in hand, whose signal aborts, settles when the transport stops.',
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = await t.announce([a])
      b.join(topic, LOOKUP)
      const flushed = b.flush(topic).catch(() => {})
      await b.stopped()
      await flushed
    }
  },
  'while-dialling': {
    promise: 'Stopped while it dials, it resolves, and hands nothing over afterwards.',
    async run(t) {
      const [a, b, c] = await t.peers(3)
      const topic = await t.announce([a])
      b.join(topic, LOOKUP)
      await b.stopped()
      c.join(topic, LOOKUP)
      await t.pair(a, c)
      await t.turns()
      assertNothingAfter(b)
    }
  },
  'while-shaking-hands': {
    promise: 'Stopped while somebody connects, it resolves, and hands nothing over afterwards.',
    async run(t) {
      let stopped: Promise<void> | undefined
      const a: Peer = await t.peer({
        admits: () => {
          stopped ??= Promise.resolve().then(() => a.stopped())
          stopped.catch(() => {}) // told below, unless something else fails before
          return true
        }
      })
      const [b, c] = await t.peers(2)
      const topic = await t.announce([a, c])
      b.join(topic, LOOKUP)
      await t.pair(b, c)
      await t.until('a question whether B is wanted', () => stopped !== undefined)
      await stopped
      await b.settle(topic)
      await t.turns()
      assertNothingAfter(a)
    }
  },
  'not-found': {
    promise: 'One that has stopped is not found any more.',
    async run(t) {
      const [a, b, c] = await t.peers(3)
      const topic = await t.announce([a, b])
      await a.stop()
      c.join(topic, LOOKUP)
      await t.pair(b, c)
      await c.settle(topic)
      assert.ok(!c.met(a), 'a transport that has stopped was connected')
      assertNothingAfter(a)
    }
  },
  'finds-nobody': {
    promise: 'One that has stopped finds nobody any more.',
    async run(t) {
      const [a, b, c] = await t.peers(3)
      const topic = t.topic()
      a.join(topic, LOOKUP)
      await a.settle(topic)
      await a.stop()
      b.join(topic, ANNOUNCE)
      await b.settle(topic)
      c.join(topic, LOOKUP)
      await t.pair(b, c)
      await t.turns()
      assert.ok(!a.met(b) && !b.met(a), 'a transport that has stopped looked up')
      assertNothingAfter(a)
    }
  },
  'leaves-others-alone': {
    promise: 'When one stops, the connections among others live on.',
    async run(t) {
      const [a, b, c] = await t.peers(3)
      await t.meet([a, b, c])
      await a.stop()
      await t.turns()
      await t.talk(await t.pair(b, c))
    }
  },
  'frees-handles': {
    promise: 'After stop() no handle and no timer is left.',
    async run(t) {
      const [, a] = [await t.peer(), await t.idlePeer()]
      const watch = t.watch()
      await watch.run(async () => {
        await a.start()
        const topic = t.topic()
        a.join(topic, BOTH)
        await a.settle(topic)
        await a.stop()
      })
      await t.assertFreed(watch, 'stop()')
    }
  },
  'frees-connections': {
    promise: 'After stop() nothing is left of connections that were handed over, once they are closed.',
    async run(t) {
      const [a, b] = [await t.idlePeer(), await t.idlePeer()]
      const watch = t.watch()
      await watch.run(async () => {
        await Promise.all([a.start(), b.start()])
        await t.meet([a, b])
        await t.talk(await t.pair(a, b))
        await Promise.all([a.stop(), b.stop()])
      })
      await t.assertFreed(watch, 'stop()')
    }
  },
  'frees-dials': {
    promise: 'After stop() nothing is left of a dial that was under way.',
    async run(t) {
      const [a, b] = [await t.peer(), await t.idlePeer()]
      const topic = await t.announce([a])
      const watch = t.watch()
      await watch.run(async () => {
        await b.start()
        b.join(topic, LOOKUP)
        const flushed = b.flush(topic).catch(() => {})
        await b.stop()
        await flushed
      })
      await t.assertFreed(watch, 'stop()')
    }
  }
})

function assertNothingAfter({ host }: Peer): void {
  assert.ok(!host.breaches.includes('after stop'), 'a stream was handed over after host.signal had aborted')
}
