import { describeTransport, runTransportCases, type TransportFixture } from '@basestore/conformance'
import { MemoryNetwork } from '@basestore/transport-memory'
import { describe, expect, it } from 'vitest'

const fixture: TransportFixture = {
  createNetwork() {
    const network = new MemoryNetwork()
    return { createTransport: () => network.transport(), close() {} }
  }
}

describe('runTransportCases', () => {
  it('runs as many cases at once as it is told, or all', async () => {
    for (const concurrency of [1, 4, Number.POSITIVE_INFINITY]) {
      const { passed, failed } = await runTransportCases(fixture, { only: ['start'], concurrency })
      expect([passed > 0, failed]).toEqual([true, 0])
    }
  })

  it.each([0, -1, 1.5, Number.NaN])(
    'does not pass by running nothing: concurrency %d',
    async (concurrency) => {
      await expect(runTransportCases(fixture, { only: ['start'], concurrency })).rejects.toMatchObject({
        code: 'INVALID_OPTION',
        message: expect.stringContaining(`concurrency must be 1, 2, 3, ..., got ${concurrency}`)
      })
    }
  )

  it('takes a case that may take for ever', async () => {
    const endless = { ...fixture, timeout: Number.POSITIVE_INFINITY }
    const { failed } = await runTransportCases(endless, { only: ['scale.full-mesh'] })
    expect(failed).toBe(0)
  })
})

it.each([undefined, null, {}, new MemoryNetwork()])('refuses what is no fixture: %s', async (given) => {
  const none = given as unknown as TransportFixture
  const refused = {
    code: 'INVALID_OPTION',
    message: expect.stringContaining('this is no fixture: it needs a method createNetwork()')
  }
  await expect(runTransportCases(none)).rejects.toMatchObject(refused)
  const runner = { describe: () => {}, it: () => {} }
  expect(() => describeTransport(runner, none)).toThrow(expect.objectContaining(refused))
})
