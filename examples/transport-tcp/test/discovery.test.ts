import { randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { createNetworkers, waitForBlocks } from '@basestore/testkit'
import { expect, test } from 'vitest'
import { tcp } from '../src/index.js'
import { ANNOUNCE, BOTH, HOST, LOOKUP, withEar, withPeers } from './peer.js'
import { freeTcpPort, freeUdpPort } from './ports.js'
import { portsDialled } from './sockets.js'

/** Milliseconds. Less than on a real network: multicasts on loopback arrive at once. */
const wait = 200

test('networkers find each other by multicast DNS, and replicate', async () => {
  const mdns = { port: await freeUdpPort() }
  await using group = await createNetworkers(2, { transports: () => [tcp({ host: HOST, mdns })] })
  const [a, b] = group.networkers
  const core = group.stores[0].get({ name: 'core' })
  await core.append(['one', 'two', 'three'])
  await a.configure(core.discoveryKey)
  await b.configure(core.discoveryKey)
  expect([...b.peers].map(({ type }) => type)).toEqual(['tcp'])
  const copy = group.stores[1].get({ key: core.key })
  await copy.ready()
  await waitForBlocks(copy, 3)
})

test('packets on the network do not show the topic', async () => {
  const port = await freeUdpPort()
  const topic = randomBytes(32)
  await withEar(port, async (ear) => {
    const said: string[] = []
    ear.on('packet', (packet) => said.push(JSON.stringify(packet)))
    await withPeers([{ mdns: { port, wait } }, { mdns: { port, wait } }], async (a, b) => {
      a!.transport.join(topic, BOTH)
      b!.transport.join(topic, BOTH)
      await Promise.all([a!.connection(), b!.connection()])
    })
    expect(said.length).toBeGreaterThan(0)
    for (const packet of said) expect(packet).not.toContain(topic.toString('hex').slice(0, 16))
  })
})

test('leaving and stopping say goodbye', async () => {
  const port = await freeUdpPort()
  await withEar(port, async (ear) => {
    const goodbyes: string[] = []
    ear.on('response', ({ answers = [] }) => {
      for (const { type, name, ttl } of answers as { type: string; name: string; ttl?: number }[]) {
        if (type === 'SRV' && ttl === 0) goodbyes.push(name)
      }
    })
    const [left, kept] = [randomBytes(32), randomBytes(32)]
    await withPeers([{ mdns: { port, wait } }], async (a) => {
      for (const topic of [left, kept]) a!.transport.join(topic, ANNOUNCE)
      await Promise.all([a!.flush(left), a!.flush(kept)])
      await a!.transport.leave(left)
      await until(ear, () => goodbyes.length === 1)
    })
    // The topic that is still joined, and the key.
    await until(ear, () => goodbyes.length === 3)
    expect(new Set(goodbyes).size).toBe(3)
  })
})

test('a peer is found by its key, though it has joined no topic', async () => {
  const mdns = { port: await freeUdpPort(), wait }
  await withPeers([{ mdns }, { mdns }], async (a, b) => {
    await a!.connect(b!.keyPair.publicKey)
    await b!.connection()
    expect(b!.streams).toHaveLength(1)
  })
})

test('an aborted connect ends no other one to the same peer', async () => {
  const mdns = { port: await freeUdpPort(), wait }
  await withPeers([{ mdns }, { mdns }], async (a, b) => {
    const key = b!.keyPair.publicKey
    const controller = new AbortController()
    const aborted = a!.transport.connect(key, { signal: controller.signal })
    const other = a!.connect(key)
    controller.abort('enough')
    await expect(aborted).rejects.toBe('enough')
    await other
    expect(a!.streams.map((stream) => stream.remotePublicKey)).toEqual([key])
  })
})

test('an answer from another network is ignored, whatever it says', async () => {
  const mdns = { port: await freeUdpPort(), wait }
  const topic = randomBytes(32)
  await withPeers([{ mdns }], async (a) => {
    a!.transport.join(topic, ANNOUNCE)
    await a!.flush(topic)
    let answers = 0
    const restore = movePackets('203.0.113.7', () => answers++)
    try {
      await withPeers([{ mdns }], async (b) => {
        const dialled = await portsDialled(async () => {
          b!.transport.join(topic, LOOKUP)
          await b!.flush(topic)
        })
        expect(answers).toBeGreaterThan(0)
        expect(dialled).toEqual([])
      })
    } finally {
      restore()
    }
  })
})

test('malformed packets do no harm', async () => {
  const port = await freeUdpPort()
  const topic = randomBytes(32)
  await withEar(port, async (ear) => {
    await withPeers([{ mdns: { port, wait } }, { mdns: { port, wait } }], async (a, b) => {
      const asked = new Promise<string>((resolve) => {
        ear.on('query', ({ questions = [] }) => resolve(questions[0]!.name))
      })
      a!.transport.join(topic, LOOKUP)
      const name = await asked
      const key = randomBytes(32).toString('hex')
      const target = `${key.slice(0, 32)}.${key.slice(32)}.local`
      const nobody = await freeTcpPort()
      const dialled = await portsDialled(async () => {
        for (const data of [
          { port: 1, target: 'printer.local' },
          { port: 2, target: '.' },
          { port: 3, target: `${key.slice(0, 32)}.local` },
          { port: nobody, target }
        ]) {
          ear.respond([{ name, type: 'SRV', ttl: 120, data }])
        }
        ear.respond([{ name, type: 'A', ttl: 120, data: HOST }])
        const garbage = createSocket('udp4')
        for (let i = 0; i < 50; i++) garbage.send(randomBytes(1 + i), port, '224.0.0.251')
        await new Promise<void>((sent) => garbage.send(randomBytes(9), port, HOST, () => garbage.close(sent)))

        b!.transport.join(topic, ANNOUNCE)
        await b!.flush(topic)
        await a!.flush(topic)
      })
      expect(new Set(dialled)).toEqual(new Set([nobody, b!.transport.port]))
      expect(a!.streams.map((stream) => stream.remotePublicKey)).toEqual([b!.keyPair.publicKey])
      expect([...a!.faults, ...b!.faults]).toEqual([])
    })
  })
})

test('a UDP port that is taken is a fault, and listed peers are still reached', async () => {
  const taken = createSocket('udp4').bind(0, '0.0.0.0')
  await once(taken, 'listening')
  try {
    const topic = randomBytes(32)
    await withPeers([{ mdns: false }], async (a) => {
      a!.transport.join(topic, ANNOUNCE)
      const peers = [`${HOST}:${a!.transport.port}`]
      await withPeers([{ mdns: { port: taken.address().port, wait }, peers }], async (b) => {
        expect(b!.faults).toMatchObject([{ code: 'EADDRINUSE' }])
        b!.transport.join(topic, LOOKUP)
        await b!.flush(topic)
        expect(b!.streams).toHaveLength(1)
      })
    })
  } finally {
    taken.close()
  }
})

/** Fakes the sender's address of all packets that new UDP sockets receive. @returns ends that */
function movePackets(address: string, onpacket: () => void): () => void {
  const onsocket = (message: unknown) => {
    const { socket } = message as { socket: Socket }
    socket.prependListener('message', (_, remote) => {
      remote.address = address
      onpacket()
    })
  }
  subscribe('udp.socket', onsocket)
  return () => unsubscribe('udp.socket', onsocket)
}

async function until(emitter: NodeJS.EventEmitter, met: () => boolean): Promise<void> {
  while (!met()) await once(emitter, 'response')
}
