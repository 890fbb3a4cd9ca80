import assert from 'node:assert/strict'
import { group } from '../case.js'
import { ANNOUNCE, LOOKUP } from '../peer.js'

export const suspend = group('suspend', {
  'ends-streams': {
    promise: 'suspend() closes all streams.',
    needs: ['suspend'],
    async run(t) {
      const { a, near, far } = await t.link()
      await a.suspend()
      await t.until('the close of both ends', () => near.closes > 0 && far.closes > 0)
    }
  },
  'not-found': {
    promise: 'One that is suspended is not found.',
    needs: ['suspend'],
    async run(t) {
      const [a, b, c] = await t.peers(3)
      const topic = await t.announce([a, b])
      await a.suspend()
      c.join(topic, LOOKUP)
      await t.pair(b, c)
      await c.settle(topic)
      assert.ok(!a.met(c), 'one that is suspended was handed a stream')
    }
  },
  'finds-nobody': {
    promise: 'One that is suspended finds nobody.',
    needs: ['suspend'],
    async run(t) {
      const [a, b, c] = await t.peers(3)
      const topic = t.topic()
      a.join(topic, LOOKUP)
      await a.settle(topic)
      await a.suspend()
      b.join(topic, ANNOUNCE)
      await b.settle(topic)
      c.join(topic, LOOKUP)
      await t.pair(b, c)
      assert.ok(!a.met(b), 'one that is suspended was handed a stream')
    }
  },
  'resumed-is-found': {
    promise: 'After resume() the topics that were announced are found again.',
    needs: ['suspend'],
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = await t.announce([a])
      await a.suspend()
      await a.resume()
      await a.settle(topic)
      b.join(topic, LOOKUP)
      await t.pair(a, b)
    }
  },
  'resumed-finds': {
    promise: 'After resume() the topics that were looked up are looked up again.',
    needs: ['suspend'],
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = t.topic()
      a.join(topic, LOOKUP)
      await a.settle(topic)
      await a.suspend()
      b.join(topic, ANNOUNCE)
      await b.settle(topic)
      await a.resume()
      await t.pair(a, b)
    }
  },
  'meets-again': {
    promise: 'Two that were connected are connected again after one was suspended, twice.',
    needs: ['suspend'],
    async run(t) {
      const [a, b] = await t.peers(2)
      await t.meet([a, b])
      for (let i = 0; i < 2; i++) {
        await a.suspend()
        await t.until('the close of all streams', () => a.connections.length + b.connections.length === 0)
        await a.resume()
        await t.talk(await t.pair(a, b))
      }
    }
  },
  'while-flushing': {
    promise: 'A flush in hand, whose signal aborts, settles when the transport is suspended.',
    needs: ['suspend'],
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = await t.announce([a])
      b.join(topic, LOOKUP)
      const flushed = b.flush(topic).catch(() => {})
      await b.suspend()
      await flushed
    }
  },
  stops: {
    promise: 'One that is suspended can be stopped, and frees its handles.',
    needs: ['suspend'],
    async run(t) {
      const [, a] = [await t.peer(), await t.idlePeer()]
      const watch = t.watch()
      await watch.run(async () => {
        await a.start()
        await t.announce([a])
        await a.suspend()
        await a.stop()
      })
      await t.assertFreed(watch, 'stop()')
    }
  },
  'stops-while-resuming': {
    promise: 'stop() resolves while the transport resumes, so does resume(), and no handle is left.',
    needs: ['suspend'],
    async run(t) {
      const [, a] = [await t.peer(), await t.idlePeer()]
      const watch = t.watch()
      await watch.run(async () => {
        await a.start()
        await t.announce([a])
        await a.suspend()
        const resumed = a.resume().catch(() => {}) // it may reject: it was not to resume
        await a.stopped()
        await resumed
      })
      await t.assertFreed(watch, 'stop()')
    }
  }
})
