import Hyperswarm from 'hyperswarm'
import { expect, test } from 'vitest'
import { type HyperswarmOptions, hyperswarm } from '../src/index.js'
import { OPTIONS } from '../src/options.js'
import { localDht } from './network.js'

const onDht = localDht()

const dht = { createServer() {}, connect() {}, lookup() {}, announce() {} }

test.each<[string, unknown, RegExp]>([
  ['options that are no object', 'x', /must be an object/],
  ['a bootstrap that is no array', { bootstrap: '127.0.0.1:1' }, /bootstrap must be an array/],
  ['nodes that are no array', { nodes: {} }, /nodes must be an array/],
  ['a dht that is not one', { dht: {} }, /dht must be an instance/],
  ['a swarm that is not one', { swarm: dht }, /swarm must be an instance/],
  ['null for a swarm', { swarm: null }, /swarm must be an instance/],
  ['a key pair', { keyPair: {} }, /keyPair is the networker's/],
  ['a limit that is no number', { maxPeers: 'many' }, /maxPeers must be a positive number/],
  ['a firewall that is no function', { firewall: true }, /firewall must be a function/],
  ['null', null, /the options of hyperswarm\(\) must be an object, got null/],
  [
    'a slip of the pen',
    { bootstap: ['127.0.0.1:1'] },
    /unknown option 'bootstap'; did you mean 'bootstrap'\?/
  ],
  [
    'an option of none',
    { colour: 1 },
    /unknown option 'colour'; the options of hyperswarm\(\) are swarm, dht,/
  ],
  ['a key pair in small letters', { keypair: {} }, /unknown option 'keypair'; keyPair is the networker's/],
  ['a seed', { seed: Buffer.alloc(32) }, /seed is the networker's; pass new Networker\(store, { keyPair }\)/],
  [
    "options of Hyperswarm's join",
    { server: true },
    /'server'; pass { announce } to networker.configure\(\)/
  ],
  ['a port that is no number', { port: '49737' }, /port must be a number, got '49737'/],
  ['a switch that is no boolean', { deferRandomPunch: 1 }, /deferRandomPunch must be true or false, got 1/],
  ['a misspelt option beside a swarm', { swarm: dht, maxPers: 1 }, /did you mean 'maxPeers'\?/]
])('refuses %s at once', (_, options, message) => {
  const make = () => hyperswarm(options as HyperswarmOptions)
  expect(make).toThrow(expect.objectContaining({ code: 'INVALID_OPTION', transport: 'hyperswarm' }))
  expect(make).toThrow(message)
})

/** The names that a constructor reads of its options. */
function namesRead(construct: (options: object) => void): string[] {
  const names = new Set<PropertyKey>()
  const get = (_: object, name: PropertyKey) => {
    names.add(name)
    return name === 'bootstrap' ? [] : undefined // a test must not reach the public DHT
  }
  construct(new Proxy({}, { get }))
  return [...names].map(String).sort()
}

// A new option upstream has to come to OPTIONS, HyperswarmOptions and the README, or users cannot pass it.
test('knows each option that Hyperswarm reads, and no other', async () => {
  const swarms: Hyperswarm[] = []
  const read = namesRead((options) => swarms.push(new Hyperswarm(options)))
  await Promise.all(swarms.map((swarm) => swarm.destroy()))
  const ours = Object.keys(OPTIONS).filter((name) => name !== 'swarm')
  expect(read).toEqual([...ours, 'keyPair', 'seed'].sort())
})

test('refuses other options beside a swarm, and a swarm that is destroyed', async () => {
  await onDht(async (network) => {
    const swarm = new Hyperswarm({ dht: network.createNode() })
    try {
      expect(() => hyperswarm({ swarm, maxPeers: 3 })).toThrow(/maxPeers cannot be set/)
      expect(() => hyperswarm({ swarm, dht: swarm.dht })).toThrow(/dht cannot be set/)
    } finally {
      await swarm.destroy()
    }
    expect(() => hyperswarm({ swarm })).toThrow(/swarm is destroyed/)
  })
})

test("passes Hyperswarm's options on, and dials 32 peers at a time unless told otherwise", async () => {
  await onDht(async (network) => {
    const plain = await network.party()
    expect(plain.swarm.maxParallel).toBe(32)
    expect(plain.swarm.maxPeers).toBe(64)
    expect(plain.swarm.keyPair).toBe(plain.host.keyPair)

    const refuseAll = () => true
    const told = await network.party({ maxParallel: 5, maxPeers: 7, jitter: 9, firewall: refuseAll })
    expect(told.swarm).toMatchObject({
      maxParallel: 5,
      maxPeers: 7,
      _firewall: refuseAll,
      _timer: { jitter: 9 }
    })
  })
})

test('enters the DHT by the bootstrap nodes given, and takes its own DHT down with it', async () => {
  await onDht(async (network) => {
    const { swarm, stop } = await network.party({ bootstrap: network.bootstrap })
    await swarm.dht.fullyBootstrapped()
    expect(swarm.dht.toArray().length).toBeGreaterThan(0)
    await stop()
    expect(swarm.destroyed).toBe(true)
    expect(swarm.dht.destroyed).toBe(true)
  })
})
