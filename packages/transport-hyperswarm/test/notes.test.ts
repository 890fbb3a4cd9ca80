import { EventEmitter } from 'node:events'
import type { TransportHost, TransportNote } from '@basestore/networker/transport'
import { expect, test } from 'vitest'
import { tellDials } from '../src/notes.js'
import type { PeerInfo, Swarm } from '../src/swarm.js'

const publicKey = Buffer.alloc(32, 1)
const topic = Buffer.alloc(32, 2)

/** A swarm whose dials the test ends. */
function watched() {
  const notes: TransportNote[] = []
  const found: Uint8Array[] = []
  const dials = new Map<Uint8Array, EventEmitter>()
  const swarm = {
    _allConnections: { get: (key: Uint8Array) => dials.get(key) },
    _connect: ({ publicKey: key }: PeerInfo) => dials.has(key) || dials.set(key, new EventEmitter()),
    _handlePeer() {}
  } as unknown as Swarm
  const host = { note: (note: TransportNote) => void notes.push(note) } as unknown as TransportHost
  tellDials(swarm, host, (_, key) => found.push(key))
  const dial = () => {
    swarm._connect({ publicKey } as unknown as PeerInfo, false)
    return dials.get(publicKey)!
  }
  return { swarm, notes, found, dial }
}

test.each([
  ['PEER_NOT_FOUND', { outcome: 'gone' }],
  ['PEER_CONNECTION_FAILED', { outcome: 'timeout' }],
  ['HOLEPUNCH_ABORTED', { outcome: 'timeout' }],
  ['CANNOT_HOLEPUNCH', { outcome: 'nat' }],
  ['HOLEPUNCH_DOUBLE_RANDOMIZED_NATS', { outcome: 'nat', nat: { ours: 'random', theirs: 'random' } }],
  ['SERVER_ERROR', { outcome: 'unreachable' }],
  ['constructor', { outcome: 'failed' }]
])('a dial that fails with %s', (code, told) => {
  const { notes, dial } = watched()
  const cause = Object.assign(new Error('no'), { code })
  const connection = dial()
  connection.emit('error', cause)
  connection.emit('close')
  const failed = { type: 'failed', remotePublicKey: publicKey, ...told, cause }
  expect(notes).toEqual([{ type: 'dial', remotePublicKey: publicKey }, failed])
})

test('a dial that opened has not failed, and one that we destroyed is aborted', () => {
  const { notes, dial } = watched()
  const opened = dial()
  opened.emit('connect')
  opened.emit('close')
  expect(opened.eventNames()).toEqual([])
  expect(notes.map(({ type }) => type)).toEqual(['dial'])
  const { notes: others, dial: dialOther } = watched()
  dialOther().emit('close')
  expect(others[1]).toMatchObject({ outcome: 'aborted' })
})

test('a peer that Hyperswarm does not dial again is told once, and found peers only from lookups', () => {
  const { swarm, notes, found, dial } = watched()
  dial()
  dial()
  expect(notes).toHaveLength(1)
  swarm._handlePeer({ publicKey }, topic)
  swarm._handlePeer({ publicKey, topics: [topic] } as unknown as PeerInfo, topic)
  expect(found).toEqual([publicKey])
})
