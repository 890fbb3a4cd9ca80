import { describe, expect, it } from 'vitest'
import { Networker, type TopicLike } from '../src/index.js'
import { deferred, FakeTransport, fakeStore, topic } from './support.js'

/** A core that gets its keys when it is told to. */
function fakeCore(n: number) {
  const { promise, resolve, reject } = deferred()
  const core = {
    discoveryKey: null as Buffer | null,
    calls: 0,
    ready() {
      core.calls++
      return promise
    },
    open() {
      core.discoveryKey = topic(n)
      resolve()
    },
    fail: reject
  }
  return core
}

function make(cores: { key: Buffer; discoveryKey: Buffer }[] = []) {
  const transport = new FakeTransport()
  const loaded = {
    get: (key: Uint8Array) => cores.find(({ discoveryKey }) => discoveryKey.equals(key)),
    [Symbol.iterator]: () => cores[Symbol.iterator]()
  }
  const store = { ...fakeStore(), cores: loaded as never }
  return { transport, networker: new Networker(store, { transports: [transport] }) }
}

describe('configure', () => {
  it('takes what has a discoveryKey, and does not wait for what is ready', async () => {
    const { networker } = make()
    const core = fakeCore(1)
    core.open()
    const configured = networker.configure(core)
    expect([networker.joined(topic(1)), core.calls]).toEqual([true, 0])
    await configured
    expect([networker.joined(core), networker.flushed(core)]).toEqual([true, true])
    expect(networker.status(core)).toEqual({ announce: true, lookup: true })
    const [status] = networker.allStatuses()
    await networker.configure(status!, { announce: false, lookup: false })
    expect(networker.joined(core)).toBe(false)
    await networker.close()
  })

  it('waits for a core that is not ready', async () => {
    const { networker, transport } = make()
    const core = fakeCore(1)
    const configured = networker.configure(core, { lookup: false, flush: false })
    expect(transport.calls).toEqual([])
    core.open()
    await configured
    expect(transport.calls).toContain('join 1 announce')
    await networker.close()
  })

  it('ends that wait when its signal aborts', async () => {
    const { networker, transport } = make()
    const controller = new AbortController()
    const core = fakeCore(1)
    const configured = networker.configure(core, { signal: controller.signal })
    const reason = new Error('enough')
    controller.abort(reason)
    await expect(configured).rejects.toBe(reason)
    core.open()
    await core.ready()
    expect(transport.calls).toEqual([])
    await networker.close()
  })

  it('ends that wait when the networker closes', async () => {
    const { networker, transport } = make()
    const configured = networker.configure(fakeCore(1))
    await networker.close()
    await expect(configured).rejects.toMatchObject({ code: 'CLOSED' })
    expect(transport.calls).toEqual([])
    const late = fakeCore(2)
    await expect(networker.configure(late)).rejects.toMatchObject({ code: 'CLOSED' })
    expect(late.calls).toBe(0)
  })

  it('tells of a core that does not open, or has no key although it is ready', async () => {
    const { networker } = make()
    const [broken, empty] = [fakeCore(1), { discoveryKey: null, ready: async () => {} }]
    const cause = new Error('no such core')
    broken.fail(cause)
    await expect(networker.configure(broken)).rejects.toMatchObject({
      code: 'INVALID_TOPIC',
      message: 'Invalid topic: there is no discoveryKey, since ready() failed: no such core',
      cause
    })
    await expect(networker.configure(empty)).rejects.toMatchObject({
      code: 'INVALID_TOPIC',
      message: /got null; a core's discoveryKey is null until await core.ready\(\)/
    })
    await networker.close()
  })

  it.each<[string, Buffer | string]>([
    ['bytes', topic(7)],
    ['hex', topic(7).toString('hex')]
  ])('refuses the key of a core that is open in the store, in %s', async (_, key) => {
    const { networker, transport } = make([
      { key: topic(6), discoveryKey: topic(66) },
      { key: topic(7), discoveryKey: topic(77) }
    ])
    const refused = expect.objectContaining({
      code: 'INVALID_TOPIC',
      message:
        "Invalid topic: this is a core's key: as a topic it would let strangers read the core; pass core.discoveryKey, or the core"
    })
    await expect(networker.configure(key)).rejects.toEqual(refused)
    for (const method of ['joined', 'flushed', 'status'] as const) {
      expect(() => networker[method](key)).toThrow(refused)
    }
    for (const fine of [topic(77), topic(8)]) await networker.configure(fine, { lookup: false })
    expect(transport.calls.filter((call) => call.startsWith('join'))).toHaveLength(2)
    await networker.close()
  })
})

it.each(['joined', 'flushed', 'status'] as const)('%s refuses a core that is not ready', async (method) => {
  const { networker } = make()
  const core: TopicLike = fakeCore(1)
  expect(() => networker[method](core)).toThrow(/discoveryKey is null until await core.ready\(\)/)
  await networker.close()
})
