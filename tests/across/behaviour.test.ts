import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { Networker, Peer } from '@basestore/networker'
import { waitForPeers } from '@basestore/testkit'
import NoiseSecretStream from '@hyperswarm/secret-stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { networks, type TestNetwork } from './networks.js'

// The behaviour of `@basestore/networker` 1.x, tested again.
describe.each(networks)('a networker %s', (_, open) => {
  let network: TestNetwork
  beforeAll(async () => {
    network = await open()
  })
  afterAll(() => network.close())

  it('replicates a core', async () => {
    await using group = await network.create(2)
    const [networkers, stores] = [group.networkers, group.stores]
    const core = stores[0].get({ name: 'core' })
    await core.ready()
    const copy = stores[1].get({ key: core.key })
    await networkers[0].configure(core.discoveryKey)
    await networkers[1].configure(core.discoveryKey)
    await core.append('hello')
    expect((await copy.get(0)).toString()).toBe('hello')
  })

  it('replicates several cores over one connection', async () => {
    await using group = await network.create(2)
    const [a, b] = group.stores
    const cores = [a.get({ name: 'one' }), a.get({ name: 'two' })]
    for (const [i, core] of cores.entries()) await core.append(`block of ${i}`)
    const copies = cores.map(({ key }) => b.get({ key }))
    for (const { discoveryKey } of cores) await group.networkers[0].configure(discoveryKey)
    for (const { discoveryKey } of cores) await group.networkers[1].configure(discoveryKey)
    const blocks = await Promise.all(copies.map((copy) => copy.get(0)))
    expect(blocks.map(String)).toEqual(['block of 0', 'block of 1'])
    for (const { streams, peers } of group.networkers) expect([streams.size, peers.size]).toEqual([1, 1])
  })

  it('replicates to several receivers', async () => {
    await using group = await network.create(3)
    const core = group.stores[0].get({ name: 'core' })
    await core.append('hello')
    const copies = group.stores.slice(1).map((store) => store.get({ key: core.key }))
    for (const networker of group.networkers) await networker.configure(core.discoveryKey)
    expect((await Promise.all(copies.map((copy) => copy.get(0)))).map(String)).toEqual(['hello', 'hello'])
  })

  it('replicates a core that was opened after connecting, and that no topic names', async () => {
    await using group = await network.create(2)
    const [a, b] = group.stores
    const joined = a.get({ name: 'joined' })
    await joined.ready()
    await group.networkers[0].configure(joined.discoveryKey)
    await group.networkers[1].configure(joined.discoveryKey)
    await waitForPeers(group.networkers[0], 1)
    const later = a.get({ name: 'later' })
    await later.append('late')
    expect((await b.get({ key: later.key }).get(0)).toString()).toBe('late')
  })

  it('shows its key pair on both ends', async () => {
    const keyPairs = [NoiseSecretStream.keyPair(), NoiseSecretStream.keyPair()]
    await using group = await network.create(2, { networker: (i) => ({ keyPair: keyPairs[i]! }) })
    const topic = randomBytes(32)
    for (const networker of group.networkers) await networker.configure(topic)
    for (const [i, networker] of group.networkers.entries()) {
      await waitForPeers(networker, 1)
      const [stream] = networker.streams
      expect(networker.keyPair).toBe(keyPairs[i])
      expect(stream!.publicKey).toEqual(keyPairs[i]!.publicKey)
      expect(stream!.remotePublicKey).toEqual(keyPairs[1 - i]!.publicKey)
      expect([...networker.peers][0]!.remotePublicKey).toEqual(keyPairs[1 - i]!.publicKey)
    }
  })

  it('emits flushed once, and only after the handshakes', async () => {
    await using group = await network.create(3)
    const [announcer, second, third] = group.networkers
    const core = group.stores[0].get({ name: 'core' })
    await core.append('hello')
    const seen: [number, number][] = []
    for (const [i, networker] of [second, third].entries()) {
      networker.on('flushed', (key) => {
        expect(key.equals(core.discoveryKey)).toBe(true)
        seen.push([i, networker.peers.size])
      })
    }
    await announcer.configure(core.discoveryKey)
    await second.configure(core.discoveryKey)
    await third.configure(core.discoveryKey)
    expect(seen).toEqual([
      [0, 1],
      [1, 2]
    ])
  })

  it('can be closed several times, also at the same time', async () => {
    await using group = await network.create(1)
    const [networker] = group.networkers
    await networker.configure(randomBytes(32))
    await Promise.all([networker.close(), networker.close()])
    await networker.close()
  })

  it('adds and removes peers in their order', async () => {
    await using group = await network.create(3)
    const [host, ...guests] = group.networkers
    const topic = randomBytes(32)
    const events: string[] = []
    const name = ({ remotePublicKey }: Peer) =>
      guests.findIndex(({ keyPair }) => remotePublicKey.equals(keyPair.publicKey))
    host.on('peer-add', (peer) => events.push(`add ${name(peer)} of ${host.peers.size}`))
    host.on('peer-remove', (peer) => events.push(`remove ${name(peer)} of ${host.peers.size}`))

    await host.configure(topic)
    for (const [i, guest] of guests.entries()) {
      await guest.configure(topic, { announce: false })
      await waitForPeers(host, i + 1)
    }
    for (const guest of guests) {
      const removed = once(host, 'peer-remove')
      await guest.close()
      await removed
    }
    expect(events).toEqual(['add 0 of 1', 'add 1 of 2', 'remove 0 of 1', 'remove 1 of 0'])
  })

  it('leaves a topic: later lookups do not find it, and open streams stay open', async () => {
    await using group = await network.create(3)
    const [leaver, friend, later] = group.networkers
    const topic = randomBytes(32)
    await leaver.configure(topic)
    await friend.configure(topic, { announce: false })
    await leaver.configure(topic, { announce: false, lookup: false })
    expect(leaver.joined(topic)).toBe(false)
    await later.configure(topic, { announce: false })
    expect([leaver.peers.size, friend.peers.size, later.peers.size]).toEqual([1, 1, 0])
  })

  it('does nothing for a topic never joined when both are false', async () => {
    await using group = await network.create(1)
    const [networker] = group.networkers
    const topic = randomBytes(32)
    await networker.configure(topic, { announce: false, lookup: false })
    expect([networker.joined(topic), networker.status(topic)]).toEqual([false, undefined])
  })

  it('connects to one peer by its key', async () => {
    await using group = await network.create(2)
    const [a, b] = group.networkers
    await b.listen()
    await b.configure(randomBytes(32)) // a peer that announces any topic can be dialled by its key
    const peer = await a.connect(b.keyPair.publicKey)
    expect(peer.remotePublicKey).toEqual(b.keyPair.publicKey)
    await waitForPeers(b, 1)
  })

  it('suspends and resumes', async () => {
    await using group = await network.create(2)
    const [a, b] = group.networkers
    const topic = randomBytes(32)
    await a.configure(topic)
    await b.configure(topic)
    await waitForPeers(a, 1)
    const removed = once(b, 'peer-remove')
    await a.suspend()
    await removed
    expect([a.peers.size, b.peers.size]).toEqual([0, 0])
    await a.resume()
    await Promise.all([waitForPeers(a, 1), waitForPeers(b, 1)])
  })

  describe('with extensions', () => {
    /** Lets the host announce a topic, and the guests find it one after the other. */
    async function gather(host: Networker, guests: readonly Networker[]) {
      const topic = randomBytes(32)
      await host.configure(topic)
      for (const guest of guests) await guest.configure(topic, { announce: false })
    }

    /** Collects `count` messages as [index of the sender, message]. */
    function inbox<T>(guests: readonly Networker[], count: number) {
      const messages: [number, T][] = []
      let done = () => {}
      const full = new Promise<[number, T][]>((resolve) => {
        done = () => resolve(messages.sort(([a], [b]) => a - b))
      })
      const onmessage = (message: T, { remotePublicKey }: Peer) => {
        messages.push([guests.findIndex(({ keyPair }) => remotePublicKey.equals(keyPair.publicKey)), message])
        if (messages.length === count) done()
      }
      return { messages, full, onmessage }
    }

    it('registered by name', async () => {
      await using group = await network.create(3)
      const [host, ...guests] = group.networkers
      const { full, onmessage } = inbox<string>(guests, 2)
      host.registerExtension('greeting', { encoding: 'utf8', onmessage })
      for (const [i, guest] of guests.entries()) {
        const greeting = guest.registerExtension('greeting', { encoding: 'utf8' })
        guest.on('peer-add', (peer) => greeting.send(`hello from ${i}`, peer))
      }
      await gather(host, guests)
      expect(await full).toEqual([
        [0, 'hello from 0'],
        [1, 'hello from 1']
      ])
    })

    it('registered by object', async () => {
      await using group = await network.create(2)
      const [host, guest] = group.networkers
      const { full, onmessage } = inbox<string>([guest], 1)
      host.registerExtension({ name: 'greeting', encoding: 'utf8', onmessage })
      const greeting = await guest.registerExtension({ name: 'greeting', encoding: 'utf8' })
      guest.on('peer-add', (peer) => greeting.send('hello', peer))
      await gather(host, [guest])
      expect(await full).toEqual([[0, 'hello']])
    })

    it('registered by function', async () => {
      await using group = await network.create(2)
      const [host, guest] = group.networkers
      const { full, onmessage } = inbox<string>([guest], 1)
      host.registerExtension('greeting', (extension) => {
        expect(extension.name).toBe('greeting')
        return { encoding: 'utf8', onmessage }
      })
      const greeting = guest.registerExtension('greeting', () => ({ encoding: 'utf8' }))
      guest.on('peer-add', (peer) => greeting.send('hello', peer))
      await gather(host, [guest])
      expect(await full).toEqual([[0, 'hello']])
    })

    it('of one name twice: the first gets each message once, and the next takes over', async () => {
      await using group = await network.create(2)
      const [host, guest] = group.networkers
      const [first, second] = [inbox<string>([guest], 1), inbox<string>([guest], 1)]
      const extension = host.registerExtension('greeting', { encoding: 'utf8', onmessage: first.onmessage })
      host.registerExtension('greeting', { encoding: 'utf8', onmessage: second.onmessage })
      const greeting = guest.registerExtension('greeting', { encoding: 'utf8' })
      guest.on('peer-add', (peer) => greeting.send('one', peer))
      await gather(host, [guest])
      await first.full
      extension.destroy()
      greeting.broadcast('two')
      await second.full
      expect([first.messages, second.messages]).toEqual([[[0, 'one']], [[0, 'two']]])
    })

    it('in utf8, JSON and binary, in both directions', async () => {
      await using group = await network.create(2)
      const [host, guest] = group.networkers
      const cases = [
        ['utf8', 'grüße'],
        ['json', { a: [1, null, 'x'] }],
        ['binary', Buffer.from([0, 255, 7])]
      ] as const
      const answers = cases.map(([encoding, message]) => {
        const [name, handlers] = [encoding, { encoding: encoding as 'json' }]
        host.registerExtension(name, (echo) => ({
          ...handlers,
          onmessage: (received, peer) => echo.send(received, peer)
        }))
        return new Promise<unknown>((resolve) => {
          const asking = guest.registerExtension(name, { ...handlers, onmessage: resolve })
          guest.on('peer-add', (peer) => asking.send(message, peer))
        })
      })
      await gather(host, [guest])
      expect(await Promise.all(answers)).toEqual(cases.map(([, message]) => message))
    })
  })
})
