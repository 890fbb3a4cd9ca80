import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { Dials } from '../src/dials.js'
import { Handovers } from '../src/handovers.js'
import { hex, type PeerInfo, type Swarm } from '../src/swarm.js'
import { createHost, randomTopic } from './network.js'

const topic = randomTopic()

/** A fake swarm that dials its one peer. */
function dialling(info: Partial<PeerInfo>) {
  const peer = {
    publicKey: randomTopic(),
    topics: [topic],
    banned: false,
    proven: false,
    queued: false,
    attempts: 0,
    ...info
  }
  const dial = new EventEmitter()
  const swarm = Object.assign(new EventEmitter(), {
    peers: new Map([[hex(peer.publicKey), peer]]),
    connections: new Set<object>(),
    connecting: 1,
    maxParallel: 1,
    _allConnections: new Map([[peer.publicKey, dial]])
  })
  const shape = swarm as unknown as Swarm
  const host = createHost()
  const dials = new Dials(shape, new Handovers(shape, host, true))
  const state = { done: false }
  const settled = dials
    .allTried(topic, () => false)
    .then(() => {
      state.done = true
    })
  return { peer, dial, swarm, host, settled, state }
}

test('waits for a first dial, and for a peer that was lost', async () => {
  for (const info of [{}, { attempts: 1, proven: true }]) {
    const { state, swarm } = dialling(info)
    swarm.emit('update')
    await new Promise(setImmediate)
    expect(state.done).toBe(false)
  }
})

test.each<[string, Partial<PeerInfo>]>([
  ['that failed once before', { attempts: 1 }],
  ['that is banned', { banned: true }],
  ['of another topic', { topics: [] }]
])('does not wait for a peer %s', async (_, info) => {
  const { state } = dialling(info)
  await new Promise(setImmediate)
  expect(state.done).toBe(true)
})

test.each<[string, (dialled: ReturnType<typeof dialling>) => void]>([
  ['connects', ({ swarm, dial }) => swarm.connections.add(dial)],
  ['is gone', ({ swarm }) => swarm.peers.clear()],
  ['is banned', ({ peer }) => Object.assign(peer, { banned: true })],
  ['fails', ({ swarm }) => swarm._allConnections.clear()],
  [
    'fails and is queued again',
    ({ swarm, peer }) => {
      swarm._allConnections.clear()
      Object.assign(peer, { attempts: 1, queued: true, proven: true })
    }
  ]
])('is done when the peer %s', async (_, change) => {
  const dialled = dialling({})
  change(dialled)
  dialled.swarm.emit('update')
  await new Promise(setImmediate)
  expect(dialled.state.done).toBe(true)
  expect(dialled.swarm.listenerCount('update')).toBe(0)
})

test('is done when another transport has connected the peer meanwhile, though no event tells', async () => {
  const { host, settled, state } = dialling({})
  await new Promise(setImmediate)
  expect(state.done).toBe(false)
  host.admits = () => false
  await settled
})

test('a peer that is queued while others are dialled waits for its turn, and finds no room once dials are free', async () => {
  const { swarm, peer, state } = dialling({ queued: true })
  swarm._allConnections.delete(peer.publicKey as Buffer)
  swarm.emit('update')
  await new Promise(setImmediate)
  expect(state.done).toBe(false)
  swarm.connecting = 0
  swarm.emit('update')
  await new Promise(setImmediate)
  expect(state.done).toBe(true)
})
