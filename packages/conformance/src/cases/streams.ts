import assert from 'node:assert/strict'
import type { EventEmitter } from 'node:events'
import { group } from '../case.js'
import { ANNOUNCE, LOOKUP } from '../peer.js'
import type { RecordedConnection } from '../recorded-connection.js'

export const streams = group('streams', {
  'sent-at-once': {
    promise: 'A frame that is sent in the tick of the hand-over arrives.',
    async run(t) {
      const onconnection = (connection: RecordedConnection) => connection.send('sent at once')
      const { near, far } = await t.link({ onconnection })
      await t.until('what each end sent at once', () => [near, far].every((end) => end.has('sent at once')))
    }
  },
  untouched: {
    promise: 'Nobody reads from a stream before it is handed over, and its userData is free.',
    async run(t) {
      const readers: number[] = []
      const taken: unknown[] = []
      const onconnection = ({ stream }: RecordedConnection) => {
        readers.push((stream as unknown as EventEmitter).listenerCount('data'))
        taken.push(stream.userData ?? null)
      }
      await t.link({ onconnection })
      assert.deepEqual(new Set(readers), new Set([1]), 'somebody else than the host listens to its data')
      assert.deepEqual(new Set(taken), new Set([null]), 'userData is taken; it belongs to Protomux')
    }
  },
  'wants-of-the-finder': {
    promise: 'A peer that the host does not want is not handed over when we find it.',
    async run(t) {
      const [a, b] = await t.peers(2)
      const picky = await t.peer({ admits: (key) => Buffer.compare(key, a.key) !== 0 })
      const topic = await t.announce([a, b])
      picky.join(topic, LOOKUP)
      await t.pair(picky, b)
      await picky.tryFlush(topic)
      assert.ok(!picky.met(a), 'a peer was handed over for which host.wants() had returned false')
    }
  },
  'wants-of-the-found': {
    promise: 'A peer that the host does not want is not handed over when it finds us.',
    async run(t) {
      const [a, b] = await t.peers(2)
      const picky = await t.peer({ admits: (key) => Buffer.compare(key, a.key) !== 0 })
      const topic = t.topic()
      picky.join(topic, ANNOUNCE)
      await picky.tryFlush(topic)
      for (const peer of [a, b]) {
        peer.join(topic, LOOKUP)
        await peer.tryFlush(topic)
      }
      await t.pair(picky, b)
      assert.ok(!picky.met(a), 'a peer was handed over for which host.wants() had returned false')
    }
  },
  'each-its-own': {
    promise: 'Connections are independent: the frames and the end of one are not seen on another.',
    async run(t) {
      const [a, b, c] = await t.peers(3)
      const topic = await t.announce([a])
      for (const peer of [b, c]) peer.join(topic, LOOKUP)
      const [first, second] = [await t.pair(a, b), await t.pair(a, c)]
      await t.talk(first)
      assert.deepEqual([second.near.frames.length, second.far.frames.length], [0, 0], 'frames strayed')
      first.near.stream.destroy()
      await t.until('the close of one connection', () => first.far.closes > 0)
      await t.turns()
      await t.talk(second)
    }
  }
})
