import assert from 'node:assert/strict'
import { assertRejectsWith } from '../assert-rejects.js'
import { group } from '../case.js'
import { LOOKUP } from '../peer.js'

const MIB = 1024 * 1024
const FRAME = Buffer.alloc(64 * 1024)
/** Bytes. TCP's buffers in both kernels and every stream's high-water mark come to some 10 MiB. */
const MORE_THAN_ANY_BUFFER = 64 * MIB
/** Exchanges with somebody else meanwhile: time enough for a drain, were one to come. */
const ROUNDS = 5

export const faults = group('faults', {
  'cut-closes-streams': {
    promise: 'When a link is cut, both ends close.',
    needs: ['cut'],
    async run(t) {
      const { a, b, near, far } = await t.link()
      await t.faults.cut(a.transport, b.transport)
      await t.until('the close of both ends', () => near.closes > 0 && far.closes > 0)
    }
  },
  'cut-leaves-others': {
    promise: 'When a link is cut, the connections with others live on.',
    needs: ['cut'],
    async run(t) {
      const [a, b, c] = await t.peers(3)
      await t.meet([a, b, c])
      await t.faults.cut(a.transport, b.transport)
      await t.until('the close of the link that was cut', () => !a.has(b) && !b.has(a))
      await t.talk(await t.pair(a, c))
      await t.talk(await t.pair(b, c))
    }
  },
  'unreachable-counts': {
    promise: 'F2: a peer that was found and cannot be reached has failed once: the flush resolves.',
    needs: ['cut'],
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = await t.announce([a])
      await t.faults.cut(a.transport, b.transport)
      b.join(topic, LOOKUP)
      await b.flush(topic)
      assert.ok(!b.met(a), 'a stream was handed over across a link that is cut')
    }
  },
  'unreachable-hides-nobody': {
    promise: 'F2: one that cannot be reached keeps no other from being handed over.',
    needs: ['cut'],
    async run(t) {
      const [a, b, c] = await t.peers(3)
      const topic = await t.announce([a, b])
      await t.faults.cut(a.transport, c.transport)
      c.join(topic, LOOKUP)
      await c.flush(topic)
      assert.ok(c.met(b), 'the one that can be reached was not handed over when the flush resolved')
    }
  },
  'healed-is-found': {
    promise: 'A peer that could not be reached is reached by a flush after the link has healed.',
    needs: ['cut', 'heal'],
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = await t.announce([a])
      await t.faults.cut(a.transport, b.transport)
      b.join(topic, LOOKUP)
      await b.settle(topic)
      await t.faults.heal(a.transport, b.transport)
      await b.settle(topic)
      await t.talk(await t.pair(a, b))
    }
  },
  'connect-fails': {
    promise: 'connect() to a peer that cannot be reached rejects.',
    needs: ['connect', 'cut'],
    async run(t) {
      const [a, b] = await t.peers(2)
      await t.announce([a])
      await t.faults.cut(a.transport, b.transport)
      await assert.rejects(b.connect(a.key), 'it resolved')
    }
  },
  'silence-loses-nothing': {
    promise: 'What is sent while a link is silent arrives when it has healed.',
    needs: ['silence', 'heal'],
    async run(t) {
      const pair = await t.link()
      await t.talk(pair)
      const { a, b, near, far } = pair
      await t.faults.silence(a.transport, b.transport)
      for (let i = 0; i < 10; i++) near.send(`held ${i}`)
      await t.turns()
      assert.ok(!far.has('held 0'), 'the link is not silent')
      await t.faults.heal(a.transport, b.transport)
      await t.until('the last of the frames', () => far.has('held 9'))
      const held = far.texts.filter((text) => text.startsWith('held'))
      assert.deepEqual(
        held,
        Array.from({ length: 10 }, (_, i) => `held ${i}`)
      )
    }
  },
  'silence-holds-the-writer': {
    promise: 'While a link is silent its writer has to wait: what it may write meanwhile is bounded.',
    needs: ['silence'],
    async run(t) {
      const [a, b, c] = await t.peers(3)
      await t.meet([a, b, c])
      const { near } = await t.pair(a, b)
      const witness = await t.pair(a, c)
      await t.faults.silence(a.transport, b.transport)
      let sent = 0
      for (let drains = -1; drains !== near.drains && sent < MORE_THAN_ANY_BUFFER; ) {
        drains = near.drains
        do sent += FRAME.byteLength
        while (near.stream.write(FRAME) && sent < MORE_THAN_ANY_BUFFER)
        for (let round = 0; round < ROUNDS && drains === near.drains; round++) await t.talk(witness)
      }
      assert.ok(sent < MORE_THAN_ANY_BUFFER, `${sent / MIB} MiB were taken while the link was silent`)
    }
  },
  'silent-peer-and-other-topics': {
    promise: "One topic's flush does not wait for another's, in which a peer is silent.",
    needs: ['silence'],
    async run(t) {
      const [a, b, c] = await t.peers(3)
      const held = await t.announce([a])
      const free = await t.announce([b])
      await t.faults.silence(a.transport, c.transport)
      c.join(held, LOOKUP)
      const waiting = c.flush(held).catch(() => {})
      c.join(free, LOOKUP)
      await c.flush(free)
      assert.ok(c.met(b))
      await c.stop()
      await waiting
    }
  },
  'silent-flush-aborts': {
    promise: "F5: an abort ends a flush that waits for a silent peer, with the signal's reason.",
    needs: ['silence'],
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = await t.announce([a])
      await t.faults.silence(a.transport, b.transport)
      b.join(topic, LOOKUP)
      const controller = new AbortController()
      const reason = { aborted: 'while silent' }
      const flushed = b.flush(topic, controller.signal)
      flushed.catch(() => {}) // told below
      await t.turns()
      controller.abort(reason)
      await assertRejectsWith(reason, flushed)
    }
  },
  'silent-connect-aborts': {
    promise: "An abort ends a connect() to a silent peer, with the signal's reason.",
    needs: ['connect', 'silence'],
    async run(t) {
      const [a, b] = await t.peers(2)
      await t.announce([a])
      await t.faults.silence(a.transport, b.transport)
      const controller = new AbortController()
      const reason = { aborted: 'while silent' }
      const connected = b.connect(a.key, controller.signal)
      connected.catch(() => {}) // told below
      await t.turns()
      controller.abort(reason)
      await assertRejectsWith(reason, connected)
    }
  },
  'silent-dial-stops': {
    promise: 'stop() resolves while a silent peer is dialled, and frees the dial.',
    needs: ['silence'],
    async run(t) {
      const [a, b] = [await t.peer(), await t.idlePeer()]
      const topic = await t.announce([a])
      const watch = t.watch()
      await watch.run(async () => {
        await b.start()
        await t.faults.silence(a.transport, b.transport)
        b.join(topic, LOOKUP)
        await t.turns()
        await b.stop()
      })
      await t.assertFreed(watch, 'stop()')
    }
  }
})
