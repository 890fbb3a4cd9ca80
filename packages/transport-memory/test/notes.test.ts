import { expect, test } from 'vitest'
import { announce, lookup, never, topic } from './peers.js'
import { inVirtualNetwork, sleep } from './virtual-network.js'

test(
  'a transport tells what it announced, looked up, found and dialled',
  inVirtualNetwork(async ({ peer }) => {
    const [a, b] = [peer('a'), peer('b')]
    b.transport.join(topic(), announce)
    a.transport.join(topic(), lookup)
    await a.host.connection()
    expect(b.host.notes).toEqual([{ type: 'announced', topic: topic() }])
    const remotePublicKey = b.host.keyPair.publicKey
    expect(a.host.notes).toEqual([
      { type: 'lookup', topic: topic(), found: 1 },
      { type: 'found', topic: topic(), remotePublicKey },
      { type: 'dial', remotePublicKey }
    ])
  })
)

test(
  'a dial that is given up is told as aborted',
  inVirtualNetwork(async ({ peer, network }) => {
    const [a, b] = [peer('a'), peer('b')]
    network.partition('a', 'b')
    const giveUp = new AbortController()
    const dial = a.transport.connect!(b.host.keyPair.publicKey, { signal: giveUp.signal })
    await sleep(100)
    giveUp.abort()
    await expect(dial).rejects.toBe(giveUp.signal.reason)
    await a.host.until(() => a.host.notes.length === 2)
    expect(a.host.notes).toMatchObject([{ type: 'dial' }, { type: 'failed', outcome: 'aborted' }])
  })
)

test(
  'a peer that we do not want is told as no failure',
  inVirtualNetwork(async ({ peer }) => {
    const [a, b] = [peer('a'), peer('b')]
    b.host.admits = () => false
    await a.transport.connect!(b.host.keyPair.publicKey, { signal: never }).catch(() => {})
    await b.host.until(() => b.host.refused.length === 1)
    expect(a.host.notes.map(({ type }) => type)).toEqual(['dial'])
    expect(b.host.notes).toEqual([])
  })
)
