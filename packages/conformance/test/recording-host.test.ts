import { EventEmitter } from 'node:events'
import type { NoiseStream } from '@basestore/networker/transport'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createKeyPair } from '../src/key-pair.js'
import { RecordingHost, type RecordingHostOptions } from '../src/recording-host.js'

const INFO = { type: 'test' }
const remote = createKeyPair()

/** A stream of a host, with what the host uses of one. It emits what a test tells it to. */
class FakeStream extends EventEmitter {
  readonly publicKey: Uint8Array
  readonly remotePublicKey: Uint8Array
  readonly handshakeHash = Buffer.alloc(64, 1)
  connected = true
  destroying = false
  destroyed = false
  ends = 0
  readonly written: Uint8Array[] = []

  constructor(publicKey: Uint8Array, remotePublicKey: Uint8Array) {
    super()
    this.publicKey = publicKey
    this.remotePublicKey = remotePublicKey
  }

  write(data: Uint8Array): boolean {
    this.written.push(data)
    return true
  }

  end(): void {
    this.ends++
  }

  destroy(): void {
    if (this.destroyed) return
    this.destroying = true
    this.destroyed = true
    this.emit('close')
  }
}

function setup(options: RecordingHostOptions = {}) {
  const host = new RecordingHost(options)
  const fake = (publicKey = host.keyPair.publicKey, remotePublicKey = remote.publicKey) =>
    new FakeStream(publicKey, remotePublicKey)
  const handOver = (stream: unknown) => host.connected(stream as NoiseStream, INFO)
  return { host, fake, handOver }
}

describe('wants', () => {
  it('wants every peer but itself, and records whom it was asked about', () => {
    const { host } = setup()
    expect(host.wants(remote.publicKey)).toBe(true)
    expect(host.wants(host.keyPair.publicKey)).toBe(false)
    expect(host.asked).toEqual([Buffer.from(remote.publicKey).toString('hex'), host.key])
  })

  it('wants only the peers that admits says, which can be replaced', () => {
    const { host } = setup({ admits: () => false })
    expect(host.wants(remote.publicKey)).toBe(false)
    host.admits = (key) => key === remote.publicKey
    expect(host.wants(remote.publicKey)).toBe(true)
  })

  it('wants nobody while suspended, nor once aborted, and does not ask admits then', () => {
    const admits = vi.fn(() => true)
    const { host } = setup({ admits })
    host.suspended = true
    expect(host.wants(remote.publicKey)).toBe(false)
    host.suspended = false
    host.abort()
    expect(host.wants(remote.publicKey)).toBe(false)
    expect(admits).not.toHaveBeenCalled()
  })
})

it('records whether its transport is online, and needs no this', async () => {
  const { host } = setup()
  const { online } = host
  const isOnline = host.until(() => host.states.at(-1) === 'online')
  for (const state of ['connecting', 'online'] as const) online(state)
  await isOnline
  expect(host.states).toEqual(['connecting', 'online'])
})

it('records what its transport tells of its work, and needs no this', async () => {
  const { host } = setup()
  const { note } = host
  const isTold = host.until(() => host.notes.length === 1)
  const lookup = { type: 'lookup', topic: Buffer.alloc(32), found: 2 } as const
  note(lookup)
  await isTold
  expect(host.notes).toEqual([lookup])
})

describe('a hand-over', () => {
  it('is recorded with what the stream emits', async () => {
    const { host, fake, handOver } = setup()
    const stream = fake()
    handOver(stream)
    const [connection] = host.connections
    const error = new Error('reset')
    stream.emit('data', Buffer.from('hello'))
    stream.emit('data', Buffer.alloc(100, 'x'))
    stream.emit('drain')
    stream.emit('end')
    stream.emit('error', error)
    expect(connection).toMatchObject({ info: INFO, bytes: 105, drains: 1, ended: true, errors: [error] })
    expect([connection!.has('hello'), connection!.has('x'.repeat(100))]).toEqual([true, false])
    expect([host.open, host.peers]).toEqual([[connection], [connection!.key]])
    stream.destroy()
    await connection!.closed
    expect([host.open, host.has(remote.publicKey), host.met(remote.publicKey)]).toEqual([[], false, true])
  })

  it('is waited for: by its number, or by the peer', async () => {
    const { host, fake, handOver } = setup()
    const [closed, open] = [fake(), fake()]
    closed.destroy()
    const [first, second] = [host.connection(), host.connection(1)]
    const toRemote = host.connectionTo(remote.publicKey)
    handOver(closed)
    expect((await first).stream).toBe(closed)
    handOver(open)
    expect([(await second).stream, (await toRemote).stream]).toEqual([open, open])
  })

  it('answers the end of the remote only when it was told to', () => {
    for (const endsBack of [true, false]) {
      const { fake, handOver } = setup({ endsBack })
      const stream = fake()
      handOver(stream)
      stream.emit('end')
      expect(stream.ends).toBe(endsBack ? 1 : 0)
    }
  })

  it('that breaks the contract is recorded, and hurts nobody', () => {
    const { host, fake, handOver } = setup()
    const [good, early, foreign, ourselves] = [
      fake(),
      fake(),
      fake(remote.publicKey),
      fake(undefined, host.keyPair.publicKey)
    ]
    early.connected = false
    for (const stream of [good, good, {}, early, foreign, ourselves]) handOver(stream)
    expect(host.breaches).toEqual(['twice', 'not a stream', 'not open', 'wrong key', 'itself'])
    expect(host.connections.map(({ stream }) => stream)).toEqual([good, foreign])
    expect(ourselves.destroyed).toBe(true)
    early.emit('connect')
    expect(host.connections).toHaveLength(3)
    host.abort()
    const late = fake()
    handOver(late)
    expect([host.breaches.at(-1), late.destroyed]).toEqual(['after stop', true])
  })
})

describe('until', () => {
  it('looks at its condition after everything that the host records', async () => {
    let events = 0
    const { host } = setup({ onevent: () => events++ })
    const faulty = host.until(() => host.faults.length === 2)
    host.fault(new Error('one'))
    host.fault(new Error('two'))
    await faulty
    expect(events).toBe(2)
  })

  it('rejects with what its condition throws', async () => {
    const { host } = setup()
    const broken = host.until(() => {
      if (host.faults.length > 0) throw host.faults[0]
      return false
    })
    const error = new Error('broken')
    host.fault(error)
    await expect(broken).rejects.toBe(error)
  })
})

describe('close', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('aborts with a code, ends every stream, and destroys after a second those that stay open', () => {
    vi.useFakeTimers()
    const { host, fake, handOver } = setup()
    const [polite, stubborn, gone] = [fake(), fake(), fake()]
    for (const stream of [polite, stubborn, gone]) handOver(stream)
    gone.destroy()
    host.close()
    expect(host.signal.reason).toMatchObject({ code: 'CLOSED' })
    expect([polite.ends, stubborn.ends, gone.ends]).toEqual([1, 1, 0])
    polite.emit('close')
    expect(vi.getTimerCount()).toBe(1)
    vi.advanceTimersByTime(1_000)
    expect([polite.destroyed, stubborn.destroyed]).toEqual([false, true])
  })
})
