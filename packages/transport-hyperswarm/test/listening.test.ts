import type Hyperswarm from 'hyperswarm'
import { expect, test } from 'vitest'
import { LOOKUP, localDht, randomTopic } from './network.js'

const onDht = localDht()

test('listens after the lookups that it was started for have begun', async () => {
  await onDht(async (network) => {
    const { transport, swarm } = await network.party()
    const listened = nextListen(swarm)
    transport.join(randomTopic(), LOOKUP)
    await new Promise(setImmediate)
    expect(swarm.listening).toBeNull()
    await listened
    expect(swarm.listening).not.toBeNull()
  })
})

test('listens at once when there is nothing to look up, so that it can be dialled by its key', async () => {
  await onDht(async (network) => {
    const [a, b] = await Promise.all([network.party(), network.party()])
    await nextListen(b!.swarm)
    await b!.swarm.listening
    await a!.connect(b!.key)
    expect(a!.host.has(b!.key)).toBe(true)
  })
})

test('listens after resume when it was suspended before it listened', async () => {
  await onDht(async (network) => {
    const { transport, swarm } = await network.party()
    transport.join(randomTopic(), LOOKUP)
    await transport.suspend!()
    expect(swarm.listening).toBeNull()
    await transport.resume!()
    expect(swarm.listening).not.toBeNull()
  })
})

function nextListen(swarm: Hyperswarm): Promise<void> {
  return new Promise((resolve) => {
    const listen = swarm.listen.bind(swarm)
    swarm.listen = () => {
      resolve()
      return listen()
    }
  })
}
