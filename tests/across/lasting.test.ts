import type { Networker, NetworkerError } from '@basestore/networker'
import type { MemoryNetwork, VirtualClock } from '@basestore/transport-memory'
import { describe, expect, test } from 'vitest'
import {
  eventsOf,
  inVirtualTime,
  orderedKeyPairs,
  sleep,
  timesOf,
  type VirtualTime
} from '../support/virtual-time.js'

interface Scene extends VirtualTime {
  readonly network: VirtualTime['network']
  readonly wire: MemoryNetwork
  readonly clock: VirtualClock
  readonly a: Networker
  /** When `a` got the peer (ms). */
  readonly added: number[]
  /** Starts the other program, again with the same key pair. */
  start(host: string): Promise<Networker>
}

/** `a` knows the key of another program, and no topic. */
function scene(run: (scene: Scene) => Promise<void>): () => Promise<void> {
  return () =>
    inVirtualTime(async (time) => {
      const wire = time.network()
      const [ours, theirs] = orderedKeyPairs()
      const a = time.networker([wire.transport('a')], { keyPair: ours })
      await a.listen()
      const start = async (host: string) => {
        const b = time.networker([wire.transport(host)], { keyPair: theirs })
        await b.listen()
        return b
      }
      await run({ ...time, wire, a, start, added: timesOf(a, 'peer-add', time.clock) })
    })
}

const keyOf = ({ keyPair }: Networker) => keyPair.publicKey

describe('connect() with lasting', () => {
  test(
    'dials again after a loss, one second later',
    scene(async ({ wire, a, start, added, clock }) => {
      const b = await start('b')
      await a.connect(keyOf(b), { lasting: true })
      await sleep(40_000)
      wire.reset()
      const lost = clock.now()
      await sleep(5_000)
      expect(added.length).toBe(2)
      expect(added[1]! - lost).toBeGreaterThanOrEqual(1_000)
      expect(added[1]! - lost).toBeLessThan(1_500)
    })
  )

  test(
    'waits for a peer that is not there yet, with growing pauses, and outlasts dials that fail',
    scene(async ({ a, start, added, clock }) => {
      const b = await start('b')
      await b.close()
      const connected = a.connect(keyOf(b), { lasting: true })
      await sleep(20_000)
      expect(added).toEqual([])
      await start('b2')
      const begin = clock.now()
      expect((await connected).remotePublicKey).toEqual(keyOf(b))
      expect(clock.now() - begin).toBeLessThan(20_000) // pauses of 1, 2, 4, 8 and 16 s, each up to a quarter longer
    })
  )

  test(
    'finds the peer again after its restart, orderly or not',
    scene(async ({ wire, a, start, added }) => {
      const first = await start('b1')
      await a.connect(keyOf(first), { lasting: true })
      await first.close()
      await sleep(3_000)
      await start('b2')
      await sleep(5_000)
      expect(added.length).toBe(2)
      await sleep(60_000)
      wire.kill('b2')
      await sleep(60_000)
      await start('b3')
      await sleep(70_000) // the pause after 60 s
      expect(added.length).toBe(3)
    })
  )

  test(
    'is ended by disconnect(), also while it waits and while it dials',
    scene(async ({ a, start, added, wire }) => {
      const b = await start('b')
      const events = eventsOf(a)
      await a.connect(keyOf(b), { lasting: true })
      a.disconnect(keyOf(b))
      await sleep(3_600_000)
      expect(events).toEqual(['peer-add', 'peer-remove'])

      const undo = wire.partition('a', 'b')
      const waiting = a.connect(keyOf(b), { lasting: true }).catch((error: NetworkerError) => error)
      await sleep(15_000)
      a.disconnect(keyOf(b))
      expect(await waiting).toMatchObject({ code: 'CONNECT_FAILED', message: /disconnect/ })
      undo()

      const dialling = a.connect(keyOf(b), { lasting: true }).catch((error: NetworkerError) => error)
      await sleep(10) // the handshake takes 60 ms
      a.disconnect(keyOf(b))
      expect(await dialling).toMatchObject({ code: 'CONNECT_FAILED', message: /disconnect/ })
      await sleep(60_000)
      expect(added.length).toBe(1)
    })
  )

  test(
    'goes on after an abort, which ends only the waiting',
    scene(async ({ a, start, added, wire }) => {
      const b = await start('b')
      const undo = wire.partition('a', 'b')
      const abort = new AbortController()
      const connected = a.connect(keyOf(b), { lasting: true, signal: abort.signal })
      await sleep(5_000)
      abort.abort(new Error('enough'))
      await expect(connected).rejects.toThrow('enough')
      undo()
      await sleep(60_000)
      expect(added.length).toBe(1)
    })
  )

  test(
    'tells a later connect() without it what went wrong, and not that the peer refused us',
    scene(async ({ a, start }) => {
      const b = await start('b')
      await b.close()
      const kept = a.connect(keyOf(b), { lasting: true }).catch(() => {}) // close() ends it
      await sleep(1_000)
      const error = await a.connect(keyOf(b)).catch((error: NetworkerError) => error)
      expect(error).toMatchObject({ code: 'CONNECT_FAILED', message: /was not reached/ })
      await a.close()
      await kept
    })
  )

  test(
    'rests while the networker is suspended, and goes on at once when it is resumed',
    scene(async ({ a, start, added, clock }) => {
      const b = await start('b')
      await a.connect(keyOf(b), { lasting: true })
      await a.suspend()
      const { events } = clock
      await sleep(3_600_000)
      expect(clock.events - events).toBeLessThan(5) // our own sleep, and nothing that dials
      expect(added.length).toBe(1)
      await a.resume()
      await sleep(500)
      expect(added.length).toBe(2)
    })
  )

  test(
    'may begin while suspended',
    scene(async ({ a, start, added }) => {
      const b = await start('b')
      await a.suspend()
      const connected = a.connect(keyOf(b), { lasting: true })
      await sleep(60_000)
      expect(added).toEqual([])
      await a.resume()
      await connected
      expect(added.length).toBe(1)
    })
  )

  test(
    'rejects with CLOSED when the networker is closed',
    scene(async ({ a, start }) => {
      const b = await start('b')
      await b.close()
      const connected = a.connect(keyOf(b), { lasting: true }).catch((error: NetworkerError) => error)
      await sleep(2_500)
      await a.close()
      expect(await connected).toMatchObject({ code: 'CLOSED' })
    })
  )

  test(
    'is refused less and less often, and comes at once when configure() resets the pauses',
    scene(async ({ network, networker, clock }) => {
      const wire = network()
      let refuses = true
      const asked: number[] = []
      const firewall = () => {
        asked.push(clock.now())
        return refuses
      }
      const b = networker([wire.transport('b')], { firewall })
      const a = networker([wire.transport('a')])
      await b.listen()
      const connected = a.connect(keyOf(b), { lasting: true })
      await sleep(60_000)
      expect(asked.length).toBeLessThanOrEqual(1 + 5)
      refuses = false
      const begin = clock.now()
      await a.configure(Buffer.alloc(32, 1), { flush: false })
      await connected
      expect(clock.now() - begin).toBeLessThan(500)
    })
  )
})

describe('disconnect()', () => {
  test('ends the peer over all transports, and no transport reaches it again', async () => {
    await inVirtualTime(async ({ network, networker }) => {
      const [one, two] = [network(), network({ name: 'second' })]
      const [a, b] = ['a', 'b'].map((host) => networker([one.transport(host), two.transport(host)]))
      await Promise.all([a!.listen(), b!.listen()])
      await a!.connect(keyOf(b!))
      const removed = eventsOf(b!)
      await sleep(1_000)
      a!.disconnect(keyOf(b!))
      await sleep(500)
      expect([a!.peers.size, b!.peers.size]).toEqual([0, 0])
      await sleep(60_000)
      expect([a!.peers.size, b!.peers.size]).toEqual([0, 0])
      expect(removed).toEqual(['peer-remove'])
    })
  })

  test.each(['a', 'b'])(
    'with ban keeps the peer away for so long, whoever dials (%s dials)',
    async (dialler) => {
      await inVirtualTime(async ({ network, networker, clock }) => {
        const wire = network()
        const [a, b] = ['a', 'b'].map((host) => networker([wire.transport(host)])) as [Networker, Networker]
        const [from, to] = dialler === 'a' ? [a, b] : [b, a]
        await Promise.all([a.listen(), b.listen()])
        await from.connect(keyOf(to), { lasting: true })
        const times = timesOf(a, 'peer-add', clock)
        await sleep(1_000)
        const begin = clock.now()
        a.disconnect(keyOf(b), { ban: 30_000 })
        await sleep(10_000)
        expect([a.peers.size, b.peers.size]).toEqual([0, 0])
        const error = await b.connect(keyOf(a)).catch((error: NetworkerError) => error)
        expect(error).toMatchObject({ code: 'CONNECT_FAILED', cause: { code: 'REFUSED' } })
        await expect(a.connect(keyOf(b))).rejects.toMatchObject({ code: 'CONNECT_FAILED' })
        await sleep(120_000)
        if (dialler === 'a')
          expect(times).toEqual([]) // disconnect() ended our own lasting
        else expect(times[0]! - begin).toBeGreaterThanOrEqual(30_000)
        if (dialler === 'b') expect(times.length).toBe(1)
        await b.connect(keyOf(a))
      })
    }
  )
})
