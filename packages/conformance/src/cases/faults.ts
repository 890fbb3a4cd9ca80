import assert from 'node:assert/strict'
import { assertRejectsWith } from '../assert-rejects.js'
import { group } from '../case.js'
import type { CaseContext } from '../context.js'
import { noop } from '../noop.js'
import { LOOKUP, type Peer } from '../peer.js'

const MIB = 1024 * 1024
const FRAME = Buffer.alloc(64 * 1024)
/** Bytes. The TCP buffers of both kernels and the streams' high-water marks hold about 10 MiB together. */
const MORE_THAN_ANY_BUFFER = 64 * MIB
/** Exchanges with a third peer before we believe that no drain event will come. */
const ROUNDS = 5

export const faults = group('faults', {
  'cut-closes-streams': {
    promise: 'When a connection is cut, both ends close.',
    needs: ['cut'],
    async run(t) {
      const { a, b, near, far } = await t.link()
      await t.faults.cut(a.transport, b.transport)
      await t.until('the close of both ends', () => near.closes > 0 && far.closes > 0)
    }
  },
  'cut-leaves-others': {
    promise: 'When a connection is cut, the connections to other peers stay open.',
    needs: ['cut'],
    async run(t) {
      const [a, b, c] = await t.peers(3)
      await t.meet([a, b, c])
      await t.faults.cut(a.transport, b.transport)
      await t.until('the close of the connection that was cut', () => !a.has(b) && !b.has(a))
      await t.talk(await t.pair(a, c))
      await t.talk(await t.pair(b, c))
    }
  },
  'unreachable-counts': {
    promise: 'F2: a found peer that cannot be reached counts as failed, so the flush resolves.',
    needs: ['cut'],
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = await t.announce([a])
      await t.faults.cut(a.transport, b.transport)
      b.join(topic, LOOKUP)
      await b.flush(topic)
      assert.ok(!b.met(a), 'a stream was handed over across a connection that is cut')
    }
  },
  'unreachable-hides-nobody': {
    promise: 'F2: a peer that cannot be reached does not keep the others from being handed over.',
    needs: ['cut'],
    async run(t) {
      const [a, b, c] = await t.peers(3)
      const topic = await t.announce([a, b])
      await t.faults.cut(a.transport, c.transport)
      c.join(topic, LOOKUP)
      await c.flush(topic)
      assert.ok(c.met(b), 'the peer that can be reached was not handed over when the flush resolved')
    }
  },
  'healed-is-found': {
    promise: 'A flush after the network has healed reaches the peer that could not be reached before.',
    needs: ['cut', 'heal'],
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = await t.announce([a])
      await t.faults.cut(a.transport, b.transport)
      b.join(topic, LOOKUP)
      await b.tryFlush(topic)
      await t.faults.heal(a.transport, b.transport)
      await b.tryFlush(topic)
      await t.talk(await t.pair(a, b))
    }
  },
  'connect-fails': {
    promise: 'connect() rejects when the peer cannot be reached.',
    needs: ['connect', 'cut'],
    async run(t) {
      const [a, b] = await t.peers(2)
      await t.announce([a])
      await t.faults.cut(a.transport, b.transport)
      await assert.rejects(b.connect(a.key), 'it resolved')
    }
  },
  'silence-loses-nothing': {
    promise: 'Frames that are sent while a connection is silent arrive when it has healed.',
    needs: ['silence', 'heal'],
    async run(t) {
      const pair = await t.link()
      await t.talk(pair)
      const { a, b, near, far } = pair
      await t.faults.silence(a.transport, b.transport)
      for (let i = 0; i < 10; i++) near.send(`held ${i}`)
      await t.turns()
      assert.ok(!far.has('held 0'), 'the connection is not silent')
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
    promise:
      'While a connection is silent, its writer is made to wait: there is a limit to what it may write.',
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
      assert.ok(sent < MORE_THAN_ANY_BUFFER, `${sent / MIB} MiB were taken while the connection was silent`)
    }
  },
  'silent-peer-and-other-topics': {
    promise: 'A silent peer of one topic does not hold up the flush of another topic.',
    needs: ['silence'],
    async run(t) {
      const [a, b, c] = await t.peers(3)
      const held = await t.announce([a])
      const free = await t.announce([b])
      await t.faults.silence(a.transport, c.transport)
      c.join(held, LOOKUP)
      const waiting = c.flush(held).catch(noop)
      c.join(free, LOOKUP)
      await c.flush(free)
      assert.ok(c.met(b))
      await c.close()
      await waiting
    }
  },
  'silent-flush-aborts': {
    promise: "F5: an abort ends a flush that waits for a silent peer: it rejects with the signal's reason.",
    needs: ['silence'],
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = await t.announce([a])
      await t.faults.silence(a.transport, b.transport)
      const asked = b.host.asked.length
      b.join(topic, LOOKUP)
      const controller = new AbortController()
      const reason = { aborted: 'while silent' }
      const flushed = b.flush(topic, controller.signal)
      flushed.catch(noop) // assertRejectsWith() below reports it
      await dialBegins(t, b, asked)
      controller.abort(reason)
      await assertRejectsWith(reason, flushed)
    }
  },
  'silent-connect-aborts': {
    promise: "An abort ends a connect() to a silent peer: it rejects with the signal's reason.",
    needs: ['connect', 'silence'],
    async run(t) {
      const [a, b] = await t.peers(2)
      await t.announce([a])
      await t.faults.silence(a.transport, b.transport)
      const controller = new AbortController()
      const reason = { aborted: 'while silent' }
      const asked = b.host.asked.length
      const connected = b.connect(a.key, controller.signal)
      connected.catch(noop) // assertRejectsWith() below reports it
      await dialBegins(t, b, asked)
      controller.abort(reason)
      await assertRejectsWith(reason, connected)
    }
  },
  'silent-dial-stops': {
    promise: 'stop() resolves while a silent peer is being dialled, and leaves no handle of the dial.',
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
        await b.close()
      })
      await t.assertFreed(watch, 'stop()')
    }
  }
})

/**
 * Waits until a peer dials a remote, which it asks its host about then. It may not ask: then for some turns.
 *
 * @param before how often it has asked before
 */
async function dialBegins(t: CaseContext, { host }: Peer, before: number): Promise<void> {
  await Promise.race([t.turns(), host.until(() => host.asked.length > before)])
}
