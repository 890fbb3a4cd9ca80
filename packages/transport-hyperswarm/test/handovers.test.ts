import { EventEmitter, once } from 'node:events'
import type { NoiseStream } from '@basestore/networker/transport'
import { expect, test } from 'vitest'
import { Handovers } from '../src/handovers.js'
import type { Swarm } from '../src/swarm.js'
import { attempted, BOTH, createHost, LOOKUP, localDht, randomTopic } from './network.js'

const onDht = localDht()

test('the info of a stream has its type, the remote address, and the topics of the lookup', async () => {
  await onDht(async (network) => {
    const topic = randomTopic()
    const remote = await network.announcer(topic)
    const { host, transport, flush, key } = await network.party()
    transport.join(topic, LOOKUP)
    await flush(topic)
    const address = expect.stringContaining(`${network.bootstrap[0]!.host}:`)
    expect(host.connections.map(({ info }) => info)).toEqual([
      { type: 'udx', remoteAddress: address, topics: [topic] }
    ])
    await remote.host.connectionTo(key)
    expect(remote.host.connections.map(({ info }) => info)).toEqual([{ type: 'udx', remoteAddress: address }])
  })
})

test('does not dial a peer that is not wanted, until a lookup finds it wanted', async () => {
  await onDht(async (network) => {
    const topic = randomTopic()
    const remote = await network.announcer(topic)
    const host = createHost()
    host.admits = () => false
    const { transport, flush, swarm } = await network.party({}, host)
    transport.join(topic, LOOKUP)
    await flush(topic)
    expect(attempted(swarm)).toBe(0)
    host.admits = () => true
    await flush(topic)
    expect(host.has(remote.key)).toBe(true)
  })
})

test('destroys a connection that is wanted no more, and dials the peer again only when a lookup finds it wanted', async () => {
  await onDht(async (network) => {
    const topic = randomTopic()
    const remote = await network.announcer(topic)
    const host = createHost()
    const { transport, flush, swarm } = await network.party({}, host)
    swarm.once('update', () => {
      host.admits = () => false // the dial has begun
    })
    transport.join(topic, LOOKUP)
    const refused = once(swarm, 'connection')
    await flush(topic)
    const [connection, info] = await refused
    if (!connection.destroyed) await once(connection, 'close')
    expect(host.streams).toEqual([])
    expect(info.reconnecting).toBe(false)
    expect(info.waiting).toBe(false)

    host.admits = () => true
    await flush(topic)
    expect(host.has(remote.key)).toBe(true)
    expect([...swarm.peers.values()].map(({ reconnecting }) => reconnecting)).toEqual([true])
  })
})

test('hands over nothing once the networker stops', async () => {
  await onDht(async (network) => {
    const topic = randomTopic()
    const local = await network.announcer(topic)
    const remote = await network.party()
    const arrived = once(local.swarm, 'connection')
    remote.transport.join(topic, LOOKUP)
    local.host.close()
    const [connection] = await arrived
    expect(connection.destroying).toBe(true)
    expect(local.host.streams).toEqual([])
  })
})

test('after a reset by the remote the process lives on, and the peer is dialled again', async () => {
  await onDht(async (network) => {
    const topic = randomTopic()
    const remote = await network.announcer(topic)
    const { host, transport, flush, key } = await network.party({ backoffs: [50, 50, 50, 50], jitter: 0 })
    transport.join(topic, BOTH)
    await flush(topic)
    await remote.host.connectionTo(key)
    const { closed } = await host.connectionTo(remote.key)
    const [stream] = remote.host.streams as [NoiseStream]
    ;(stream.rawStream as { destroy(): void }).destroy()
    await closed
    await host.connectionTo(remote.key)
    expect(host.streams.length).toBeGreaterThan(1)
  })
})

test('a peer that was refused once, then wanted, is dialled again when it is lost', () => {
  const host = createHost()
  const swarm = Object.assign(new EventEmitter(), { connections: new Set(), peers: new Map(), _connect() {} })
  new Handovers(swarm as unknown as Swarm, host, true).start()
  const again: boolean[] = []
  const { publicKey } = host.keyPair
  const remotePublicKey = randomTopic()
  const info = { publicKey: remotePublicKey, topics: [], reconnect: (value: boolean) => again.push(value) }
  const connection = () =>
    Object.assign(new EventEmitter(), {
      publicKey,
      remotePublicKey,
      connected: true,
      write() {},
      destroy() {}
    })
  for (const wanted of [false, true]) {
    host.admits = () => wanted
    swarm.emit('connection', connection(), info)
  }
  expect(again).toEqual([false, true])
})

test('a dial whose remote closed it before it was heard is told as failed', async () => {
  const host = createHost()
  const swarm = Object.assign(new EventEmitter(), { connections: new Set(), peers: new Map(), _connect() {} })
  const handovers = new Handovers(swarm as unknown as Swarm, host, true)
  handovers.start()
  const remotePublicKey = randomTopic()
  const connection = Object.assign(new EventEmitter(), {
    remotePublicKey,
    connected: false,
    destroying: false,
    isInitiator: true,
    opened: Promise.resolve(true),
    rawStream: Object.assign(new EventEmitter(), { bytesReceived: 0 })
  })
  const decided = new Promise<void>((resolve) => {
    handovers.onchange = resolve
  })
  swarm.emit('connection', connection, { publicKey: remotePublicKey, topics: [], reconnect() {} })
  await new Promise(setImmediate)
  connection.destroying = true
  connection.emit('close')
  await decided
  expect(host.notes).toEqual([{ type: 'failed', remotePublicKey, outcome: 'reset' }])
})
