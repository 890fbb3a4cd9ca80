import { describe, expect, test } from 'vitest'
import type { TestCore } from '../../src/networks/store.js'
import { type CrashFault, runScenario, type SimulatedPeer, simulate } from '../../src/simulation/index.js'
import { SharedLog } from './shared-log.js'

const link = { latency: 20 }

describe('peers', () => {
  test('get names, letters unless they are given', async () => {
    await simulate({}, async (sim) => {
      const made = [await sim.peer('alice'), ...(await sim.peers(2)), ...(await sim.peers(['bob', 'carol']))]
      expect(made.map(({ name }) => name)).toEqual(['alice', 'a', 'b', 'bob', 'carol'])
      expect([...sim.all.values()]).toEqual(made)
      expect(made.map(({ host }) => host.name)).toEqual(['alice', 'a', 'b', 'bob', 'carol'])
    })
  })

  test('whose name is taken are refused, and so are those made with them', async () => {
    await simulate({}, async (sim) => {
      await sim.peer('b')
      await expect(sim.peers(3)).rejects.toThrow("there is a peer called 'b' already")
      expect([...sim.all.keys()]).toEqual(['b'])
    })
  })

  test('have options of their own: of the host, of the networker, a program', async () => {
    await simulate({}, async (sim) => {
      const started: string[] = []
      const peers = await sim.peers(2, (name, index) => ({
        host: { nat: index === 0 ? 'open' : 'random' },
        networker: { maxPeers: index + 1 },
        start: () => {
          started.push(name)
        }
      }))
      expect(peers.map(({ host }) => host.nat)).toEqual(['open', 'random'])
      expect(started).toEqual(['a', 'b'])
    })
  })

  test('have keys that follow from the seed and their names, whoever else there is', async () => {
    const keysOf = async (seed: number, names: readonly string[]) => {
      const keys: string[] = []
      await simulate({ seed }, async (sim) => {
        await sim.peers(names)
        const { networker, store } = sim.all.get('bob')!
        const core = store.get({ name: 'log' })
        await core.ready()
        keys.push(
          ...[networker.keyPair.publicKey, networker.id, core.key].map((key) =>
            Buffer.from(key!).toString('hex')
          )
        )
      })
      return keys
    }
    const first = await keysOf(1, ['bob'])
    expect(new Set(first).size).toBe(3)
    expect(await keysOf(1, ['alice', 'bob'])).toEqual(first)
    for (const [index, key] of (await keysOf(2, ['bob'])).entries()) expect(key).not.toBe(first[index])
  })

  test.each([
    ['line', ['b', 'a c', 'b d', 'c']],
    ['ring', ['b d', 'a c', 'b d', 'a c']],
    ['star', ['b c d', 'a', 'a', 'a']],
    ['full', ['b c d', 'a c d', 'a b d', 'a b c']],
    [[['a', 'd']] as const, ['d', '', '', 'a']]
  ] as const)('are connected as %o', async (topology, expected) => {
    await simulate({ link }, async (sim) => {
      const peers = await sim.peers(4)
      await sim.connect(topology)
      const lines = sim
        .map()
        .split('\n')
        .map((line) => /-- (.*?) +no topic/.exec(line)![1])
      expect(lines).toEqual(expected.map((names) => names.split(' ').filter(Boolean).join(', ') || 'nobody'))
      expect(peers.map(({ networker }) => networker.peers.size)).toEqual(
        expected.map((names) => names.split(' ').filter(Boolean).length)
      )
    })
  })

  test('are connected at random by the seed, and only those that are given', async () => {
    const mapOf = async (seed: number) => {
      let map = ''
      await simulate({ seed }, async (sim) => {
        await sim.peer('aside')
        const peers = await sim.peers(8)
        await sim.connect({ random: 3 }, peers)
        map = sim.map()
      })
      return map
    }
    const map = await mapOf(1)
    expect(map).toContain('aside -- nobody')
    expect(map.split('\n').filter((line) => /-- \w, \w, \w /.test(line))).toHaveLength(8)
    expect(await mapOf(1)).toBe(map)
    expect(await mapOf(2)).not.toBe(map)
  })
})

describe.each(['memory', 'rocksdb'] as const)('a peer whose store is %s', (store) => {
  test('keeps keys and data over a crash, and gets what it missed', async () => {
    await simulate({ store, link }, async (sim) => {
      const writer = await sim.peer('writer')
      const log = await SharedLog.of(writer, 2)
      const reader = await sim.peer('reader', { start: log.read })
      await log.until(sim, [reader], 2)
      const { publicKey } = reader.networker.keyPair
      const before = sim.now

      reader.crash()
      expect(reader.state).toBe('crashed')
      await writer.leave()
      await reader.restart()
      expect(reader.networker.keyPair.publicKey).toEqual(publicKey)
      expect(log.at(reader)).toBe(2)

      await writer.restart()
      await writer.store.get({ name: 'log' }).append('block 2')
      await writer.networker.configure(log.core.discoveryKey)
      await log.until(sim, [reader], 3)
      expect(sim.now).toBeLessThan(before + 10_000)
    })
  })

  test('whose disk is wiped gets all blocks from others again', async () => {
    await simulate({ store, link }, async (sim) => {
      const log = await SharedLog.of(await sim.peer('writer'), 3)
      const reader = await sim.peer('reader', { start: log.read })
      await log.until(sim, [reader], 3)
      const { publicKey } = reader.networker.keyPair
      const before = sim.now
      reader.crash({ store: 'wiped' })
      await reader.restart()
      expect(sim.now).toBe(before) // a crashed peer does not wait for an answer to a goodbye
      expect(log.at(reader)).toBe(0)
      expect(reader.networker.keyPair.publicKey).toEqual(publicKey)
      await log.until(sim, [reader], 3)
    })
  })

  test('may crash while it starts, and start while its old life closes', async () => {
    await simulate({ store }, async (sim) => {
      const starting = sim.peer('alice', { start: (peer) => peer.sleep(100) })
      const alice = sim.all.get('alice')!
      alice.crash()
      await starting
      expect(alice.state).toBe('crashed')
      const again = alice.restart()
      await expect(alice.restart()).rejects.toThrow(
        'alice is up; restart() is for one that crashed or has left'
      )
      await again
      const leaving = alice.leave()
      await Promise.all([leaving, alice.restart()])
      await alice.store.get({ name: 'log' }).append('block 0')
      expect(alice.state).toBe('running')
    })
  })
})

describe('a crash', () => {
  /** How many of three blocks are left after a crash. Only the first is durable. */
  async function leftBy(kept: CrashFault['store']): Promise<number> {
    let left = -1
    await simulate({}, async (sim) => {
      const alice = await sim.peer('alice')
      await alice.store.get({ name: 'log' }).append('block 0')
      await alice.leave() // a clean close flushes
      await alice.restart()
      const core = alice.store.get({ name: 'log' })
      await core.append('block 1')
      await core.append('block 2')
      alice.crash(kept === undefined ? {} : { store: kept })
      await alice.restart()
      const again = alice.store.get({ name: 'log' })
      await again.ready()
      left = again.length
    })
    return left
  }

  test('leaves what was written, only what was flushed, all but some write batches, or nothing', async () => {
    expect(await leftBy(undefined)).toBe(3)
    expect(await leftBy('written')).toBe(3)
    expect(await leftBy('flushed')).toBe(1)
    expect(await leftBy({ lose: 2 })).toBe(2) // an append takes two write batches
    expect(await leftBy({ lose: 4 })).toBe(1)
    expect(await leftBy('wiped')).toBe(0)
  })

  test('that loses blocks has them replicated again from others', async () => {
    await simulate({ link }, async (sim) => {
      const log = await SharedLog.of(await sim.peer('writer'), 3)
      const [b, c] = await sim.peers(['b', 'c'], { start: log.read })
      await log.until(sim, [b!, c!], 3)
      b!.crash({ store: 'flushed', links: 'reset' })
      await b!.restart()
      expect(log.at(b!)).toBe(0)
      await log.until(sim, [b!, c!], 3)
    })
  })

  test('and a restart make another run: the survivor gets a new peer before it has noticed the crash', async () => {
    await simulate({ link }, async (sim) => {
      const topic = Buffer.alloc(32, 'run')
      const start = ({ networker }: SimulatedPeer) => networker.configure(topic, { flush: false })
      const [a, b] = await sim.peers(2, { start })
      await sim.until(() => a!.networker.peers.size === 1)
      const ids = [b!.networker.id]
      const events: string[] = []
      for (const event of ['peer-add', 'peer-remove'] as const)
        a!.networker.on(event, () => events.push(event))
      b!.crash({ links: 'silent' })
      await b!.restart()
      ids.push(b!.networker.id)
      await sim.until(() => events.length === 2, { within: 2_000 })
      expect(events).toEqual(['peer-remove', 'peer-add'])
      expect([...a!.networker.peers].map(({ remoteId }) => remoteId)).toEqual([ids[1]])
      expect(ids[1]).not.toEqual(ids[0])
    })
  })

  test('is silent until the others give up, or resets the links at once', async () => {
    const noticed = async (links: 'silent' | 'reset') => {
      let time = 0
      await simulate({ link }, async (sim) => {
        const [a, b] = await sim.peers(2)
        await sim.connect('line')
        const before = sim.now
        b!.crash({ links })
        await sim.until(() => a!.networker.peers.size === 0)
        time = sim.now - before
      })
      return time
    }
    expect(await noticed('reset')).toBeLessThan(100)
    expect(await noticed('silent')).toBeGreaterThan(5_000)
  })

  test('refuses what a store cannot lose, and leaves the peer as it was', async () => {
    await simulate({ store: 'rocksdb' }, async (sim) => {
      const alice = await sim.peer('alice')
      expect(() => alice.crash({ store: 'flushed' })).toThrow(
        "with RocksDB a crash leaves 'written' or 'wiped'"
      )
      expect(() => alice.crash({ store: { lose: 0.5 } })).toThrow(
        "a crash leaves 'written', 'flushed', 'wiped' or"
      )
      expect(alice.state).toBe('running')
      await alice.store.get({ name: 'log' }).append('block 0')
    })
  })

  test('is refused for a peer that is down, and so is everything else', async () => {
    await simulate({}, async (sim) => {
      const alice = await sim.peer('alice')
      alice.crash()
      expect(alice.isUp).toBe(false)
      for (const ask of [() => alice.crash(), () => alice.store, () => alice.networker, () => alice.host]) {
        expect(ask).toThrow('alice has crashed; restart() it first')
      }
      await expect(alice.leave()).rejects.toThrow('alice has crashed; restart() it first')
      expect(() => alice.pause()).toThrow('alice is crashed; only one that runs can pause')
      await alice.restart()
      await expect(alice.restart()).rejects.toThrow(
        'alice is up; restart() is for one that crashed or has left'
      )
    })
  })
})

describe('a peer that pauses', () => {
  test('neither sends nor receives, and continues afterwards', async () => {
    await simulate({ link }, async (sim) => {
      const log = await SharedLog.of(await sim.peer('writer'), 1)
      const reader = await sim.peer('reader', { start: log.read })
      await log.until(sim, [reader], 1)
      reader.pause()
      expect([reader.state, reader.isUp]).toEqual(['paused', true])
      await log.core.append('block 1')
      await sim.sleep(5_000)
      expect(log.at(reader)).toBe(1)
      reader.resume()
      await log.until(sim, [reader], 2, 1_000)
      expect(() => reader.resume()).toThrow('reader is running; resume() is for one that pauses')
    })
  })

  test('sleeps as long as it stands still', async () => {
    await simulate({}, async (sim) => {
      const alice = await sim.peer('alice')
      const sleep = alice.sleep(100).then(() => sim.now)
      await sim.sleep(50)
      alice.pause()
      await sim.sleep(950)
      alice.resume()
      expect(await sleep).toBe(1_000)
    })
  })

  test('may leave, and crash', async () => {
    await simulate({ link }, async (sim) => {
      const [a, b, c] = await sim.peers(3)
      await sim.connect('full')
      for (const peer of [b!, c!]) peer.pause()
      c!.crash({ links: 'reset' })
      await b!.leave()
      expect([b!.state, c!.state]).toEqual(['left', 'crashed'])
      await sim.until(() => a!.networker.peers.size === 0, { within: 2_000 })
    })
  })
})

describe('a peer that leaves', () => {
  test('is noticed at once, and may come back', async () => {
    await simulate({ link }, async (sim) => {
      const [a, b] = await sim.peers(2)
      await sim.connect('line')
      await b!.leave()
      expect(b!.state).toBe('left')
      await sim.until(() => a!.networker.peers.size === 0, { within: 100 })
      await b!.restart()
      await sim.connect('line')
      expect(a!.networker.peers.size).toBe(1)
    })
  })
})

describe('a program', () => {
  test('runs at each start', async () => {
    await simulate({}, async (sim) => {
      const starts: number[] = []
      const alice = await sim.peer('alice', { start: () => void starts.push(sim.now) })
      await sim.sleep(1_000)
      alice.crash()
      await sim.sleep(1_000)
      await alice.restart()
      expect(starts).toEqual([0, 2_000])
    })
  })

  test('that throws fails the run, also in a restart and in what goes on', async () => {
    const failing = async (error: Error) => {
      throw error
    }
    const first = await runScenario({}, async (sim) => {
      await sim.peer('alice', { start: () => failing(new Error('at start')) })
    })
    expect(first.failures.map(({ message }) => message)).toEqual(['at start'])

    let starts = 0
    const second = await runScenario({}, async (sim) => {
      const alice = await sim.peer('alice', {
        start: () => (++starts === 2 ? failing(new Error('at restart')) : undefined)
      })
      alice.crash()
      await alice.restart()
    })
    expect(second.failures.map(({ message }) => message)).toEqual(['at restart'])

    const third = await runScenario({}, async (sim) => {
      const alice = await sim.peer('alice')
      void alice.run(() => failing(new Error('while it runs')))
      await sim.sleep(1)
    })
    expect(third.failures.map(({ message }) => message)).toEqual(['while it runs'])
  })

  test('ends with its peer, and what fails because of that is no failure', async () => {
    await simulate({}, async (sim) => {
      let beats = 0
      const alice = await sim.peer('alice', {
        start: (peer) => {
          void peer.run(async () => {
            for (;;) {
              beats++
              await peer.sleep(100)
            }
          })
        }
      })
      const hanging = alice.run(() => new Promise(() => {}))
      await sim.sleep(950)
      alice.crash()
      await hanging
      await sim.sleep(1_000)
      expect(beats).toBe(10)
      await alice.restart()
      await sim.sleep(150)
      expect(beats).toBe(12)
    })
  })
})

test('a trace tells how many blocks of which core a peer has, of sessions and namespaces too', async () => {
  const told: string[] = []
  const onevent = (event: { type: string }) => {
    const { type, peer, blocks, length } = event as {
      type: string
      peer: string
      blocks: number
      length: number
    }
    if (type === 'blocks') told.push(`${peer} ${blocks}/${length}`)
  }
  await simulate({ onevent }, async (sim) => {
    const [a, b] = await sim.peers(2)
    const core: TestCore = a!.store.namespace('inner').get({ name: 'log' })
    await core.append(['block 0', 'block 1'])
    const [first, second] = [b!.store.get({ key: core.key }), b!.store.get({ key: core.key })]
    await Promise.all([first.ready(), second.ready()])
    await first.close()
    await sim.connect('line')
    second.download({ start: 0, end: 2 })
    await sim.until(() => second.contiguousLength === 2)
  })
  expect(told).toEqual(['a 0/0', 'a 2/2', 'b 0/0', 'b 0/2', 'b 2/2'])
})
