import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { type RawStream, secure } from '@basestore/networker/transport'
import { group } from '../case.js'
import type { CaseContext } from '../context.js'
import { createKeyPair } from '../key-pair.js'
import { noop } from '../noop.js'
import { LOOKUP, type Peer } from '../peer.js'

/** The header of a frame of the longest length that its 24 bits can claim: 16 MiB less one byte. */
const LONGEST_FRAME = Buffer.of(0xff, 0xff, 0xff)
const STRANGERS = 20

export const hostileBytes = group('hostile-bytes', {
  silence: {
    promise: 'A stranger that connects and sends nothing keeps no peer from connecting.',
    needs: ['dial'],
    run: (t) => survives(t, () => {})
  },
  garbage: {
    promise: 'A stranger that sends garbage is not handed over, and keeps no peer from connecting.',
    needs: ['dial'],
    run: (t) => survives(t, (raw) => raw.write(randomBytes(4096)))
  },
  'long-frame': {
    promise:
      'A stranger whose first frame claims 16 MiB is not handed over, and keeps no peer from connecting.',
    needs: ['dial'],
    run: (t) => survives(t, (raw) => raw.write(Buffer.concat([LONGEST_FRAME, Buffer.alloc(64 * 1024)])))
  },
  'early-end': {
    promise: 'A stranger that connects and closes at once does no harm.',
    needs: ['dial'],
    run: (t) => survives(t, (raw) => raw.end())
  },
  reset: {
    promise: 'A stranger that connects and resets does no harm.',
    needs: ['dial'],
    run: (t) => survives(t, (raw) => raw.destroy(new Error('reset')))
  },
  'half-handshake': {
    promise: 'A stranger that leaves during its handshake is not handed over, and does no harm.',
    needs: ['dial'],
    run: (t) =>
      survives(t, (raw) => {
        raw.once('data', () => raw.destroy()) // runs before the handshake's own listener, so there is no answer
        secure(raw as unknown as RawStream, { keyPair: createKeyPair(), isInitiator: true }).catch(noop)
      })
  },
  'our-own-key': {
    promise: 'A stranger that has our own key is not handed over.',
    needs: ['dial'],
    run: (t) =>
      survives(t, (raw, { host: { keyPair } }) => {
        secure(raw as unknown as RawStream, { keyPair, isInitiator: true }).catch(noop)
      })
  },
  many: {
    promise: `${STRANGERS} strangers at once, some silent and some sending garbage, keep no peer from connecting.`,
    needs: ['dial'],
    run: (t) =>
      survives(
        t,
        (raw, _peer, n) => {
          if (n % 2 === 0) raw.write(randomBytes(1024))
        },
        STRANGERS
      )
  },
  stop: {
    promise:
      'stop() resolves while a silent stranger is connected, closes that connection and leaves no handle of it.',
    needs: ['dial'],
    async run(t) {
      const [, a] = [await t.peer(), await t.idlePeer()]
      const watch = t.watch()
      await watch.run(() => a.start())
      const raw = await stranger(t, a)
      let hungUp = false
      for (const event of ['end', 'close']) {
        raw.on(event, () => {
          hungUp = true
          t.bound.happened()
        })
      }
      raw.resume()
      await a.close()
      await t.until('the end of what the stranger sees', () => hungUp)
      raw.destroy()
      await t.assertFreed(watch, 'stop()')
    }
  }
})

/** Lets strangers connect to a peer and misbehave, then asserts that another peer still reaches it. */
async function survives(
  t: CaseContext,
  misbehave: (raw: Duplex, peer: Peer, n: number) => unknown,
  count = 1
): Promise<void> {
  const [a, b] = await t.peers(2)
  const topic = await t.announce([a])
  for (let n = 0; n < count; n++) misbehave(await stranger(t, a), a, n)
  await t.turns()
  b.join(topic, LOOKUP)
  await t.talk(await t.pair(a, b))
  assert.equal(a.host.connections.length, 1, 'a stranger was handed over')
}

async function stranger(t: CaseContext, { transport }: Peer): Promise<Duplex> {
  const raw = await t.wait("the network's faults.dial()", t.faults.dial(transport))
  raw.on('error', noop)
  t.onend(() => raw.destroy())
  return raw
}
