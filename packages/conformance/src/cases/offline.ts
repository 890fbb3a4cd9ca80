import assert from 'node:assert/strict'
import { assertRejectsWith } from '../assert-rejects.js'
import { group } from '../case.js'
import type { CaseContext } from '../context.js'
import { Skip } from '../need.js'
import { noop } from '../noop.js'
import { ANNOUNCE, BOTH, LOOKUP, type Peer } from '../peer.js'

const needs = ['offline', 'online'] as const
/** Flushes of another peer in the time in which we believe that a flush does not resolve. */
const ROUNDS = 3

export const offline = group('offline', {
  'starts-offline': {
    promise: 'start() resolves though the network is away, and the transport works once it is there.',
    needs,
    async run(t) {
      const [a, b] = [await t.idlePeer(), await t.peer()]
      await t.faults.offline(a.transport)
      await a.start()
      const topic = t.topic()
      a.join(topic, ANNOUNCE)
      await t.faults.online(a.transport)
      await a.flush(topic)
      b.join(topic, LOOKUP)
      await b.flush(topic)
      assert.ok(b.met(a), 'a lookup did not find the peer that had started offline, though it had flushed')
    }
  },
  'announcement-waits': {
    promise: 'F6: the flush of an announcement does not resolve while the network is away.',
    needs,
    run: (t) => flushWaits(t, ANNOUNCE)
  },
  'lookup-waits': {
    promise: 'F6: the flush of a lookup does not resolve while the network is away.',
    needs,
    run: (t) => flushWaits(t, LOOKUP)
  },
  'second-flush-waits': {
    promise: 'F6: a flush does not resolve while the network is away, though the topic was flushed before.',
    needs,
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = await t.announce([a])
      await t.faults.offline(a.transport)
      await assertWaits(t, b, a.flush(topic))
    }
  },
  'flush-goes-on': {
    promise:
      'F6: a flush that began while the network was away resolves when it is back, without a further call.',
    needs,
    async run(t) {
      const [a, b] = await t.peers(2)
      const topic = await t.announce([b])
      await t.faults.offline(a.transport)
      a.join(topic, BOTH)
      const flushed = a.flush(topic)
      flushed.catch(noop) // awaited below
      await t.turns()
      await t.faults.online(a.transport)
      await flushed
      assert.ok(a.met(b), 'the flush resolved before the peer was handed over')
    }
  },
  'flush-aborts': {
    promise: "F5: an abort ends a flush that waits for the network: it rejects with the signal's reason.",
    needs,
    async run(t) {
      const a = await t.peer()
      await t.faults.offline(a.transport)
      const topic = t.topic()
      a.join(topic)
      const controller = new AbortController()
      const reason = { aborted: 'offline' }
      const flushed = a.flush(topic, controller.signal)
      flushed.catch(noop) // assertRejectsWith() below reports it
      await t.turns()
      controller.abort(reason)
      await assertRejectsWith(reason, flushed)
    }
  },
  'tells-once': {
    promise: 'While the network is away, no more than one fault is told, whatever is tried again.',
    needs,
    async run(t) {
      const [a, b] = await t.peers(2)
      await t.faults.offline(a.transport)
      const topic = t.topic()
      a.join(topic)
      const flushed = a.flush(topic)
      flushed.catch(noop) // awaited below
      await rounds(t, b)
      await t.faults.online(a.transport)
      await flushed
      const { faults } = a.host
      assert.ok(faults.length <= 1, `${faults.length} faults were told: ${faults.join('; ')}`)
    }
  },
  'tells-state': {
    promise:
      "A transport that tells whether it is online tells 'online' with a network, and another state without.",
    needs,
    async run(t) {
      const a = await t.peer()
      const { host } = a
      const told = () => host.states.at(-1)
      if (!told()) throw new Skip('the transport does not call host.online()')
      await t.until("host.online('online') after the start", () => told() === 'online')
      await t.faults.offline(a.transport)
      a.join(t.topic()) // so that it notices
      await t.until('host.online() with another state while the network is away', () => told() !== 'online')
      await t.faults.online(a.transport)
      await t.until("host.online('online') when the network is back", () => told() === 'online')
    }
  },
  'stops-offline': {
    promise: 'stop() resolves while the network is away and a flush waits, and no handle is left.',
    needs,
    async run(t) {
      const a = await t.idlePeer()
      await t.faults.offline(a.transport)
      const watch = t.watch()
      await watch.run(async () => {
        await a.start()
        const topic = t.topic()
        a.join(topic)
        a.flush(topic).catch(noop) // the stop ends it
        await t.turns()
        await a.close()
      })
      await t.assertFreed(watch, 'stop()')
    }
  }
})

async function flushWaits(t: CaseContext, mode: typeof BOTH): Promise<void> {
  const [a, b] = await t.peers(2)
  await t.faults.offline(a.transport)
  const topic = t.topic()
  a.join(topic, mode)
  await assertWaits(t, b, a.flush(topic))
}

/** Asserts that a flush waits while another peer has flushed some times. */
async function assertWaits(t: CaseContext, witness: Peer, flushed: Promise<void>): Promise<void> {
  let resolved = false
  flushed.then(() => {
    resolved = true
  }, noop)
  await rounds(t, witness)
  assert.ok(!resolved, 'the flush resolved while the network was away')
}

async function rounds(t: CaseContext, peer: Peer): Promise<void> {
  for (let i = 0; i < ROUNDS; i++) {
    const topic = t.topic()
    peer.join(topic)
    await peer.tryFlush(topic)
    await t.turns()
  }
}
