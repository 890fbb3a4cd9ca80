import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { waitForPeers } from '@basestore/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { localDht, networks, type TestNetwork } from './networks.js'

describe.each(networks)('a networker %s', (_, open) => {
  let network: TestNetwork
  beforeAll(async () => {
    network = await open()
  })
  afterAll(() => network.close())

  it('refuses a peer when its firewall says so, without delay, and admits it when the firewall does', async () => {
    let refuse = true
    const verdicts: boolean[] = []
    const firewall = async () => {
      verdicts.push(refuse)
      return refuse
    }
    await using group = await network.create(2, { networker: (i) => (i === 0 ? { firewall } : {}) })
    const [host, guest] = group.networkers
    const topic = randomBytes(32)
    await host.configure(topic, { lookup: false })
    const begin = performance.now()
    await guest.configure(topic, { announce: false })
    expect(performance.now() - begin).toBeLessThan(4_000) // Hyperswarm's own firewall would make the guest wait for 8 s
    while (verdicts.length === 0) await once(guest, 'peer-remove')
    expect(host.peers.size).toBe(0)

    refuse = false
    const added = once(host, 'peer-add')
    await guest.connect(host.keyPair.publicKey)
    await added
    expect(host.peers.size).toBe(1)
  })

  it('never has more than maxPeers peers, whichever side dials', async () => {
    await using group = await network.create(4, { networker: (i) => (i === 0 ? { maxPeers: 2 } : {}) })
    const [host, ...guests] = group.networkers
    const topic = randomBytes(32)
    let most = 0
    host.on('peer-add', () => {
      most = Math.max(most, host.peers.size)
    })
    await host.configure(topic, { lookup: false })
    for (const guest of guests) await guest.configure(topic, { announce: false })
    await waitForPeers(host, 2)
    expect([most, host.peers.size]).toEqual([2, 2])
  })
})

describe('a networker over Hyperswarm', () => {
  it('finds another peer when one of maxPeers leaves', async () => {
    const network = await localDht()
    await using _ = { [Symbol.asyncDispose]: () => network.close() }
    await using group = await network.create(3, { networker: (i) => (i === 0 ? { maxPeers: 1 } : {}) })
    const [host, ...others] = group.networkers
    const topic = randomBytes(32)
    for (const other of others) await other.configure(topic, { lookup: false })
    await host.configure(topic, { announce: false })
    await waitForPeers(host, 1)
    const [first] = host.peers
    const leaving = others.find(({ keyPair }) => first!.remotePublicKey.equals(keyPair.publicKey))!
    await waitForPeers(leaving, 1)
    const removed = once(host, 'peer-remove')
    const added = once(host, 'peer-add')
    await leaving.close()
    await removed
    const begin = performance.now()
    const [second] = await added
    expect(performance.now() - begin).toBeLessThan(5_000) // Hyperswarm alone would look up again after ten minutes
    expect(second.remotePublicKey).not.toEqual(first!.remotePublicKey)
  })
})
