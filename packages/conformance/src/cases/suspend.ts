import assert from 'node:assert/strict'
import { group } from '../case.js'
import { noop } from '../noop.js'
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
    promise: 'A suspended transport is not found.',
    needs: ['suspend'],
    async run(t) {
      const [a, b, c] = await t.peers(3)
      const topic = await t.announce([a, b])
      await a.suspend()
      c.join(topic, LOOKUP)
      await t.pair(b, c)
      await c.tryFlush(topic)
      assert.ok(!a.met(c), 'a suspended transport handed a stream over')
    }
  },
  'finds-nobody': {
    promise: 'A suspended transport finds nobody.',
    needs: ['suspend'],
    async run(t) {
      const [a, b, c] = await t.peers(3)
      const topic = t.topic()
      a.join(topic, LOOKUP)
      await a.tryFlush(topic)
      await a.suspend()
      b.join(topic, ANNOUNCE)
      await b.tryFlush(topic)
      c.join(topic, LOOKUP)
      await t.pair(b, c)
      assert.ok(!a.met(b), 'a suspended transport handed a stream over')
    }
  },
  'resumed-is-found': {
    promise: 'After resume() a peer is found again under the topics that it announces.',
    needs: ['suspend'],
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = await t.announce([a])
      await a.suspend()
      await a.resume()
      await a.tryFlush(topic)
      b.join(topic, LOOKUP)
      await t.pair(a, b)
    }
  },
  'resumed-finds': {
    promise: 'After resume() the lookups go on.',
    needs: ['suspend'],
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = t.topic()
      a.join(topic, LOOKUP)
      await a.tryFlush(topic)
      await a.suspend()
      b.join(topic, ANNOUNCE)
      await b.tryFlush(topic)
      await a.resume()
      await t.pair(a, b)
    }
  },
  'meets-again': {
    promise: 'Two connected peers connect again after one of them was suspended, also the second time.',
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
    promise: 'When the transport is suspended during a flush and the signal aborts, the flush settles.',
    needs: ['suspend'],
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = await t.announce([a])
      b.join(topic, LOOKUP)
      const flushed = b.flush(topic).catch(noop)
      await b.suspend()
      await flushed
    }
  },
  stops: {
    promise: 'A suspended transport can be stopped, and leaves no handle.',
    needs: ['suspend'],
    async run(t) {
      const [, a] = [await t.peer(), await t.idlePeer()]
      const watch = t.watch()
      await watch.run(async () => {
        await a.start()
        await t.announce([a])
        await a.suspend()
        await a.close()
      })
      await t.assertFreed(watch, 'stop()')
    }
  },
  'stops-while-resuming': {
    promise: 'stop() during resume() resolves, resume() settles, and no handle is left.',
    needs: ['suspend'],
    async run(t) {
      const [, a] = [await t.peer(), await t.idlePeer()]
      const watch = t.watch()
      await watch.run(async () => {
        await a.start()
        await t.announce([a])
        await a.suspend()
        const resumed = a.resume().catch(noop) // rejecting is fine: it was told to stop
        await a.stop()
        await resumed
      })
      await t.assertFreed(watch, 'stop()')
    }
  }
})
