import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { describeTransport, RecordingHost, runTransportCases, type TransportFixture } from '../src/index.js'

const refused = (detail: string) =>
  expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(detail) })

const fixture = (network: object = {}, more: object = {}) =>
  ({
    createNetwork: () => ({
      createTransport() {
        throw new Error('this case should not come so far')
      },
      close() {},
      ...network
    }),
    ...more
  }) as TransportFixture

describe('the options of the suite', () => {
  it.each<[unknown, string]>([
    [null, 'the options of runTransportCases() must be an object, got null'],
    ['flush', "must be an object, got 'flush'"],
    [{ ony: ['flush'] }, "unknown option 'ony'; did you mean 'only'?"],
    [{ onResult() {} }, "did you mean 'onresult'?"],
    [{ repeat: 2 }, 'the options of runTransportCases() are only, concurrency and onresult'],
    [{ onresult: true }, 'onresult must be a function, got true']
  ])('refuse %j', async (options, detail) => {
    await expect(runTransportCases(fixture(), options as object)).rejects.toEqual(refused(detail))
  })
})

describe('a fixture', () => {
  it.each<[object, string]>([
    [{ timeOut: 1 }, "unknown option 'timeOut'; did you mean 'timeout'?"],
    [{ timeout: '1s' }, "timeout must be a number, got '1s'"],
    [{ name: 1 }, 'name must be a string, got 1']
  ])('is refused with %j', async (more, detail) => {
    await expect(runTransportCases(fixture({}, more))).rejects.toEqual(refused(detail))
    const runner = { describe() {}, it() {} }
    expect(() => describeTransport(runner, fixture({}, more))).toThrow(refused(detail))
  })

  it.each<[object, string]>([
    [{ fault: {} }, "unknown option 'fault'; did you mean 'faults'?"],
    [{ faults: true }, 'faults must be an object, got true'],
    [{ faults: { Cut() {} } }, "unknown option 'Cut'; did you mean 'cut'?"],
    [
      { faults: { partition() {} } },
      'the faults of a network are cut, silence, heal, dial, offline and online'
    ]
  ])('fails a case whose network has %j, instead of skipping those that need it', async (network, detail) => {
    const { results } = await runTransportCases(fixture(network), { only: ['connect.reaches'] })
    expect(results.map(({ status, error }) => [status, error])).toEqual(
      results.map(() => ['failed', refused(detail)])
    )
    expect(results.length).toBeGreaterThan(0)
  })

  it('may have parts of its own', async () => {
    const own = fixture({ sockets: [] }, { port: 1 })
    const { results } = await runTransportCases(own, { only: ['connect.reaches'] })
    expect(results[0]?.error?.message).toMatch(/should not come so far/)
  })
})

describe('the options of a recording host', () => {
  it.each<[unknown, string]>([
    [null, 'the options of a recording host must be an object, got null'],
    [{ keypair: {} }, "did you mean 'keyPair'?"],
    [{ onConnection() {} }, "did you mean 'onconnection'?"],
    [
      { wants() {} },
      'the options of a recording host are keyPair, admits, endsBack, onconnection and onevent'
    ],
    [{ admits: true }, 'admits must be a function, got true'],
    [{ endsBack: 'yes' }, "endsBack must be true or false, got 'yes'"]
  ])('refuse %j', (options, detail) => {
    expect(() => new RecordingHost(options as object)).toThrow(refused(detail))
  })

  it('are not shown, so that no log has the secret key', () => {
    const host = new RecordingHost()
    const shown = inspect(host, { depth: Number.POSITIVE_INFINITY }) + JSON.stringify(host)
    expect(host.keyPair.secretKey).toHaveLength(64)
    expect(shown).not.toMatch(/secretKey/)
  })
})
