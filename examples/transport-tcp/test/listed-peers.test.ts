import { randomBytes } from 'node:crypto'
import { createNetworkers, waitForBlocks } from '@basestore/testkit'
import { expect, test } from 'vitest'
import { tcp } from '../src/index.js'
import { ANNOUNCE, BOTH, HOST, LOOKUP, withPeers } from './peer.js'
import { freeTcpPort } from './ports.js'
import { portsDialled } from './sockets.js'

const mdns = false

test('networkers without multicast replicate, when one lists the other', async () => {
  const port = await freeTcpPort()
  const transports = (index: number) => [
    tcp(index === 0 ? { host: HOST, port, mdns } : { host: HOST, mdns, peers: [`${HOST}:${port}`] })
  ]
  await using group = await createNetworkers(2, { transports })
  const [a, b] = group.networkers
  const core = group.stores[0].get({ name: 'core' })
  await core.append(['one', 'two', 'three'])
  await a.configure(core.discoveryKey)
  await b.configure(core.discoveryKey)
  expect([...b.peers].map(({ type, remoteAddress }) => `${type} ${remoteAddress}`)).toEqual([
    `tcp ${HOST}:${port}`
  ])
  const copy = group.stores[1].get({ key: core.key })
  await copy.ready()
  await waitForBlocks(copy, 3)
})

test('a listed peer is dialled once for each lookup, and never for a topic that is only announced', async () => {
  await withPeers([{ mdns }], async (a) => {
    await withPeers([{ mdns, peers: [`${HOST}:${a!.transport.port}`] }], async (b) => {
      const [announced, one, other] = [randomBytes(32), randomBytes(32), randomBytes(32)]
      b!.transport.join(announced, ANNOUNCE)
      await b!.flush(announced)
      expect(b!.streams).toEqual([])
      const dialled = await portsDialled(async () => {
        for (const topic of [one, other]) b!.transport.join(topic, BOTH)
        await Promise.all([b!.flush(one), b!.flush(other)])
        await b!.flush(one)
      })
      expect(dialled).toEqual([a!.transport.port])
      expect(b!.streams).toHaveLength(1)
    })
  })
})

test('a listed peer that comes later is reached by the next flush', async () => {
  const port = await freeTcpPort()
  const topic = randomBytes(32)
  await withPeers([{ mdns, peers: [`${HOST}:${port}`] }], async (b) => {
    b!.transport.join(topic, LOOKUP)
    await b!.flush(topic)
    expect(b!.streams).toEqual([])
    await withPeers([{ mdns, port }], async () => {
      await b!.flush(topic)
      expect(b!.streams).toHaveLength(1)
    })
  })
})

test('a peer that lists itself is not connected to itself', async () => {
  const port = await freeTcpPort()
  const topic = randomBytes(32)
  await withPeers([{ mdns, port, peers: [`${HOST}:${port}`] }], async (a) => {
    a!.transport.join(topic, BOTH)
    await a!.flush(topic)
    expect([a!.streams, a!.faults]).toEqual([[], []])
  })
})

test('connect reaches a listed peer by its key, and takes no other peer for it', async () => {
  await withPeers([{ mdns }, { mdns }], async (a, stranger) => {
    await withPeers([{ mdns, peers: [`${HOST}:${a!.transport.port}`] }], async (b) => {
      await b!.connect(a!.keyPair.publicKey)
      expect(b!.streams.map((stream) => stream.remotePublicKey)).toEqual([a!.keyPair.publicKey])
      await expect(b!.connect(stranger!.keyPair.publicKey)).rejects.toMatchObject({ code: 'CONNECT_FAILED' })
    })
  })
})

test.each(['192.168.1.20', 'localhost:', ':4000', 'host:70000'])('peers: %s is refused', (peer) => {
  expect(() => tcp({ peers: [peer] })).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(`'${peer}'`) })
  )
})

test('an option that it does not know is refused', () => {
  for (const [options, detail] of [
    [{ prot: 1 }, "unknown option 'prot'; did you mean 'port'?"],
    [{ port: '1' }, "port must be a number, got '1'"]
  ] as const) {
    expect(() => tcp(options as object)).toThrow(
      expect.objectContaining({ transport: 'tcp', message: `Invalid option: ${detail}` })
    )
  }
})
