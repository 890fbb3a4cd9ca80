import { once } from 'node:events'
import DHT from 'hyperdht'
import { expect, test } from 'vitest'
import {
  ANNOUNCE,
  attempted,
  createHost,
  LOOKUP,
  type LocalNetwork,
  localDht,
  type Party,
  randomTopic
} from './network.js'

const onDht = localDht()

/** Two parties that announce a topic, the one with the greater key first. */
async function announcers(network: LocalNetwork): Promise<[Party, Party]> {
  const pairs = [DHT.keyPair(), DHT.keyPair()].sort((a, b) => Buffer.compare(b.publicKey, a.publicKey))
  const parties = await Promise.all(pairs.map((pair) => network.party({}, createHost(pair))))
  const topic = randomTopic()
  for (const { transport } of parties) transport.join(topic, ANNOUNCE)
  await Promise.all(parties.map(({ flush }) => flush(topic)))
  return parties as [Party, Party]
}

/** Lets no dial to this party get through. */
function deafen({ swarm }: Party): void {
  Object.assign(swarm.server, { _addHandshake: () => new Promise(() => {}) })
}

/** Lets the next dial of this party open at its end alone, as when HyperDHT dropped the remote's end meanwhile. */
function misdirect({ swarm }: Party): void {
  const dht = swarm.dht as unknown as { createRawStream(options: object): RawStream }
  const create = dht.createRawStream
  dht.createRawStream = (options) => {
    dht.createRawStream = create
    const raw = create.call(dht, options)
    const connect = raw.connect.bind(raw)
    raw.connect = (socket, id, port, host) => connect(socket, id ^ 1, port, host)
    return raw
  }
}

interface RawStream {
  connect(socket: unknown, id: number, port: number, host: string): unknown
}

/*
 * Both dials fail when the greater key's dial always wins:
 *
 *   A  dial ───────────── refuses B's ── fails
 *   B          dial ─ opens ─── reset
 */
test('when two peers dial each other, the dial that opens stays, also against the greater key', async () => {
  await onDht(async (network) => {
    const [a, b] = await announcers(network)
    deafen(b)
    const dialled = once(a.swarm, 'update')
    const connected = a.connect(b.key)
    await dialled
    await b.connect(a.key)
    await connected
    expect([a.host.has(b.key), b.host.has(a.key)]).toEqual([true, true])
  })
})

test('a dial that is displaced is suspended and counted with the others', async () => {
  await onDht(async (network) => {
    const [a, b] = await announcers(network)
    deafen(b)
    const dialled = once(a.swarm, 'update')
    const connected = a.connect(b.key)
    await dialled
    const { _allConnections: listed } = a.swarm as unknown as { _allConnections: Iterable<Listed> }
    const [dial] = listed
    await b.connect(a.key)
    await connected
    expect([...listed].map(({ isInitiator }) => isInitiator)).toEqual([false, true])

    a.host.streams[0]!.destroy()
    await a.host.connections[0]!.closed
    expect([...listed]).toEqual([dial])
    await a.transport.suspend!()
    expect(dial!.destroyed).toBe(true)
    expect([...listed]).toEqual([])
  })
})

interface Listed {
  readonly isInitiator: boolean
  readonly destroyed: boolean
}

test('a peer that a dial by key reached, but that is not heard, is dialled again', async () => {
  await onDht(async (network) => {
    const [a, b] = await announcers(network)
    misdirect(a)
    await a.connect(b.key)
    await b.host.connectionTo(a.key)
    expect([a.host.streams.length, b.host.streams.length]).toEqual([1, 1])
    expect(attempted(a.swarm)).toBe(2)
  })
})

test('F2: a flush waits for the second dial of a peer that was not heard', async () => {
  await onDht(async (network) => {
    const topic = randomTopic()
    const remote = await network.announcer(topic)
    const local = await network.party()
    misdirect(local)
    local.transport.join(topic, LOOKUP)
    await local.flush(topic)
    expect(local.host.has(remote.key)).toBe(true)
    await remote.host.connectionTo(local.key)
  })
})
