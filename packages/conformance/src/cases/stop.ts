import assert from 'node:assert/strict'
import { group } from '../case.js'
import { noop } from '../noop.js'
import { ANNOUNCE, BOTH, LOOKUP, type Peer } from '../peer.js'

export const stop = group('stop', {
  resolves: {
    promise: 'stop() resolves, with topics and without.',
    async run(t) {
      const [a, b] = await t.peers(2)
      await t.announce([a])
      await a.stop()
      await b.stop()
    }
  },
  'does-not-wait-for-streams': {
    promise: 'stop() does not wait for the end of streams that were handed over, unless it destroys them.',
    async run(t) {
      const pair = await t.link()
      await t.talk(pair)
      await pair.a.stop()
    }
  },
  'while-leaving': {
    promise: 'stop() resolves while a topic is being left, and leave() resolves too.',
    async run(t) {
      const [a] = await t.peers(2)
      const topic = t.topic()
      a.join(topic, BOTH)
      const left = a.leave(topic)
      await Promise.all([a.stop(), left])
    }
  },
  'while-flushing': {
    promise: 'When the transport stops during a flush and the signal aborts, the flush settles.',
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = await t.announce([a])
      b.join(topic, LOOKUP)
      const flushed = b.flush(topic).catch(noop)
      await b.stop()
      await flushed
    }
  },
  'while-dialling': {
    promise: 'stop() resolves while the transport dials, and nothing is handed over afterwards.',
    async run(t) {
      const [a, b, c] = await t.peers(3)
      const topic = await t.announce([a])
      b.join(topic, LOOKUP)
      await b.stop()
      c.join(topic, LOOKUP)
      await t.pair(a, c)
      await t.turns()
      assertNothingAfter(b)
    }
  },
  'while-shaking-hands': {
    promise: 'stop() resolves while a peer connects to us, and nothing is handed over afterwards.',
    async run(t) {
      let stopped: Promise<void> | undefined
      const [a, c] = await t.peers(2)
      const b = await t.peer({
        admits: (key) => {
          if (Buffer.compare(key, a.key) !== 0) return true
          stopped ??= Promise.resolve().then(() => a.stop())
          stopped.catch(noop) // `await stopped` below reports it, unless something fails before
          return true
        }
      })
      const topic = await t.announce([a, c])
      b.join(topic, LOOKUP)
      await t.pair(b, c)
      await t.until('a question whether A is wanted', () => stopped !== undefined)
      await stopped
      await b.tryFlush(topic)
      await t.turns()
      assertNothingAfter(a)
    }
  },
  'not-found': {
    promise: 'A transport that has stopped is not found any more.',
    async run(t) {
      const [a, b, c] = await t.peers(3)
      const topic = await t.announce([a, b])
      await a.close()
      c.join(topic, LOOKUP)
      await t.pair(b, c)
      await c.tryFlush(topic)
      assert.ok(!c.met(a), 'a transport that has stopped was connected')
      assertNothingAfter(a)
    }
  },
  'finds-nobody': {
    promise: 'A transport that has stopped finds nobody any more.',
    async run(t) {
      const [a, b, c] = await t.peers(3)
      const topic = t.topic()
      a.join(topic, LOOKUP)
      await a.tryFlush(topic)
      await a.close()
      b.join(topic, ANNOUNCE)
      await b.tryFlush(topic)
      c.join(topic, LOOKUP)
      await t.pair(b, c)
      await t.turns()
      assert.ok(!a.met(b) && !b.met(a), 'a transport that has stopped looked up')
      assertNothingAfter(a)
    }
  },
  'leaves-others-alone': {
    promise: 'When a transport stops, the connections among other peers stay open.',
    async run(t) {
      const [a, b, c] = await t.peers(3)
      await t.meet([a, b, c])
      await a.close()
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
        await a.tryFlush(topic)
        await a.close()
      })
      await t.assertFreed(watch, 'stop()')
    }
  },
  'frees-connections': {
    promise: 'After stop() no handle is left of connections that were handed over and have closed.',
    async run(t) {
      const [a, b] = [await t.idlePeer(), await t.idlePeer()]
      const watch = t.watch()
      await watch.run(async () => {
        await Promise.all([a.start(), b.start()])
        await t.meet([a, b])
        await t.talk(await t.pair(a, b))
        await Promise.all([a.close(), b.close()])
      })
      await t.assertFreed(watch, 'stop()')
    }
  },
  'frees-dials': {
    promise: 'After stop() no handle is left of a dial that was under way.',
    async run(t) {
      const [a, b] = [await t.peer(), await t.idlePeer()]
      const topic = await t.announce([a])
      const watch = t.watch()
      await watch.run(async () => {
        await b.start()
        b.join(topic, LOOKUP)
        const flushed = b.flush(topic).catch(noop)
        await b.close()
        await flushed
      })
      await t.assertFreed(watch, 'stop()')
    }
  }
})

function assertNothingAfter({ host }: Peer): void {
  assert.ok(!host.breaches.includes('after stop'), 'a stream was handed over after host.signal had aborted')
}
