import { Networker } from '@basestore/networker'
import { expect, test } from 'vitest'
import type { MemoryNetwork, VirtualClock } from '../src/index.js'
import { keyPair, topic } from './peers.js'
import { inVirtualNetwork, sleep } from './virtual-network.js'

/** A store without cores, with the one method that a networker needs. */
const STORE = { replicate: () => {} }

/** A networker on a host of its own, with a record of its events. */
function networkerOn(network: MemoryNetwork, name: string, keys = keyPair()) {
  const networker = new Networker(STORE, { transports: [network.transport(name)], keyPair: keys })
  const told: string[] = []
  networker.on('peer-add', () => told.push('add'))
  networker.on('peer-remove', () => told.push('remove'))
  return { networker, told, keys }
}

type Peer = ReturnType<typeof networkerOn>

async function until(peer: Peer, what: string, clock: VirtualClock): Promise<number> {
  while (peer.told.at(-1) !== what) await sleep(10)
  return clock.now()
}

/** Two networkers that are connected, on hosts a and b. */
function inCompany(run: (a: Peer, b: Peer, network: MemoryNetwork, clock: VirtualClock) => Promise<void>) {
  return inVirtualNetwork(async ({ network, clock }) => {
    const [a, b] = [networkerOn(network, 'a'), networkerOn(network, 'b')]
    try {
      for (const { networker } of [a, b]) await networker.configure(topic())
      await Promise.all([a, b].map((peer) => until(peer, 'add', clock)))
      await run(a, b, network, clock)
    } finally {
      network.heal()
      await Promise.all([a, b].map(({ networker }) => networker.close()))
    }
  })
}

test(
  'a partition: the peer is gone after 10 s, and back with the next configure',
  inCompany(async (a, b, network, clock) => {
    const began = clock.now()
    const undo = network.partition('a', 'b')
    await Promise.all([a, b].map((peer) => until(peer, 'remove', clock)))
    expect(clock.now() - began).toBeGreaterThanOrEqual(10_000)
    expect(clock.now() - began).toBeLessThan(23_000)
    await a.networker.configure(topic())
    expect(a.networker.peers.size).toBe(0)
    undo()
    await a.networker.configure(topic())
    expect([a.told, a.networker.peers.size]).toEqual([['add', 'remove', 'add'], 1])
  })
)

test(
  'a short partition with hold goes unnoticed',
  inCompany(async (a, b, network) => {
    {
      using _ = network.partition('a', 'b', { mode: 'hold' })
      await sleep(9_000)
    }
    await sleep(60_000)
    expect([a.told, b.told]).toEqual([['add'], ['add']])
  })
)

test(
  'corrupt frames: the peer is gone at once, and back with the next configure',
  inCompany(async (a, b, network, clock) => {
    const faults: unknown[] = []
    a.networker.on('fault', (error) => faults.push(error))
    const undo = network.corrupt('a', 'b')
    const ping = a.networker.registerExtension('ping', {})
    ping.broadcast(Buffer.from('ping'))
    await Promise.all([a, b].map((peer) => until(peer, 'remove', clock)))
    undo()
    await b.networker.configure(topic())
    expect(b.networker.peers.size).toBe(1)
    expect(faults).toEqual([])
  })
)

test(
  'a crash: the peer is gone, and comes back with its key when it is started again',
  inCompany(async (a, b, network, clock) => {
    network.kill('a')
    await until(b, 'remove', clock)
    const again = networkerOn(network, 'a', a.keys)
    await again.networker.configure(topic())
    await until(b, 'add', clock)
    expect(Buffer.from([...b.networker.peers][0]!.remotePublicKey)).toEqual(Buffer.from(a.keys.publicKey))
    await again.networker.close()
  })
)

test(
  'a pause: the others lose the peer and have it back with the next configure, and it notices afterwards',
  inCompany(async (a, b, network, clock) => {
    const undo = network.pause('a')
    await until(b, 'remove', clock)
    expect(a.told).toEqual(['add'])
    undo()
    await until(a, 'remove', clock)
    await b.networker.configure(topic())
    await until(a, 'add', clock)
    expect([a.networker.peers.size, b.networker.peers.size]).toEqual([1, 1])
  })
)

test(
  'a dial that fails: configure resolves all the same, and the next one reaches the peer',
  inCompany(async (a, b, network, clock) => {
    network.failDials('a', 'b', 'half-open')
    network.failDials('b', 'a', 'refused')
    network.reset()
    await Promise.all([a, b].map((peer) => until(peer, 'remove', clock)))
    await b.networker.configure(topic())
    await a.networker.configure(topic())
    await until(a, 'remove', clock)
    network.heal()
    await a.networker.configure(topic())
    await until(b, 'add', clock)
    expect([a.networker.peers.size, b.networker.peers.size]).toEqual([1, 1])
  })
)
