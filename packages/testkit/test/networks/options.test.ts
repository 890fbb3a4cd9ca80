import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createNetworkers, type Networkers, waitForBlocks, waitForPeers } from '../../src/index.js'

const refused = (detail: string) =>
  expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(detail) })

test.each<[unknown, string]>([
  [null, 'the options of createNetworkers() must be an object, got null'],
  [true, 'must be an object, got true'],
  [{ topologie: 'line' }, "unknown option 'topologie'; did you mean 'topology'?"],
  [{ networkers: {} }, "did you mean 'networker'?"],
  [
    { link: {} },
    'the options of createNetworkers() are signal, timeout, topology, seed, network, networker and'
  ],
  [{ transports: [] }, 'transports must be a function, got an array'],
  [{ timeout: '1s' }, "timeout must be a number, got '1s'"],
  [{ networker: { maxpeers: 1 } }, "unknown option 'maxpeers'; did you mean 'maxPeers'?"],
  [{ networker: () => ({ Firewall() {} }) }, "did you mean 'firewall'?"],
  [{ networker: { transports: [] } }, 'networker must be options of a networker but for transports'],
  [{ networker: () => null }, 'networker must be options of a networker but for transports'],
  [{ topology: { random: 1, seed: 2 } }, 'topology is']
])('createNetworkers refuses %o', async (options, detail) => {
  await expect(createNetworkers(2, options as object)).rejects.toEqual(refused(detail))
})

describe('a group', () => {
  let group: Networkers<2>
  beforeAll(async () => {
    group = await createNetworkers(2)
  })
  afterAll(() => group.close())

  const waits: Record<string, (options: object) => Promise<void>> = {
    waitForPeers: (options) => waitForPeers(group.networkers[0], 0, options),
    waitForBlocks: (options) => waitForBlocks([], 0, options),
    connect: (options) => group.connect('a', 'b', options),
    disconnect: (options) => group.disconnect('a', 'b', options)
  }

  test.each(Object.keys(waits))('%s refuses options that it does not know', async (name) => {
    const wait = waits[name]!
    await expect(wait({ timeOut: 1 })).rejects.toEqual(refused("did you mean 'timeout'?"))
    await expect(wait({ within: 1 })).rejects.toEqual(refused('the options of a wait are signal and timeout'))
    await expect(wait({ signal: true })).rejects.toEqual(refused('signal must be an AbortSignal, got true'))
    await expect(wait(null as never)).rejects.toEqual(refused('must be an object, got null'))
  })

  test('shows neither the secret keys nor the primary keys of its stores', async () => {
    await Promise.all(group.stores.map((store) => store.ready()))
    for (const peer of [group.peers.a, group.peers]) {
      const shown = inspect(peer, { depth: 8 }) + JSON.stringify(peer)
      expect(shown).toMatch(/Networker \{/)
      expect(shown).not.toMatch(/secretKey|primaryKey/)
    }
    expect(group.peers.a.store).toBe(group.stores[0])
  })
})
