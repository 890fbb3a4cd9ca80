import { once } from 'node:events'
import net from 'node:net'
import { duplexPair, type PassThrough } from 'node:stream'
import { Duplex } from 'streamx'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { isNetworkerError, secure } from '../src/transport.js'
import { newKeyPair, next, noisePair } from './support.js'

afterEach(() => vi.useRealTimers())

/** A pair whose write delivers within the call. */
function synchronousPair(): [Duplex, Duplex] {
  const a: Duplex = new Duplex({ write: (data, cb) => cb(b.push(data) ? null : null) })
  const b: Duplex = new Duplex({ write: (data, cb) => cb(a.push(data) ? null : null) })
  return [a, b]
}

describe('secure', () => {
  it('proves both keys to each other, and carries data both ways', async () => {
    const [ours, theirs] = [newKeyPair(), newKeyPair()]
    const [a, b] = await noisePair(ours, theirs)
    expect(a.remotePublicKey).toEqual(theirs.publicKey)
    expect(b.remotePublicKey).toEqual(ours.publicKey)
    expect(a.handshakeHash).toEqual(b.handshakeHash)
    b.write(Buffer.from('from b'))
    a.write(Buffer.alloc(1 << 20, 7))
    const [[atA], [atB]] = await Promise.all([once(a as never, 'data'), once(b as never, 'data')])
    expect(atA.toString()).toBe('from b')
    expect(atB.equals(Buffer.alloc(1 << 20, 7))).toBe(true)
    a.destroy()
  })

  it('works over a pair that delivers within write', async () => {
    const [raw, remoteRaw] = synchronousPair()
    const [a, b] = await Promise.all([
      secure(raw, { keyPair: newKeyPair(), isInitiator: true }),
      secure(remoteRaw, { keyPair: newKeyPair(), isInitiator: false })
    ])
    b.on('data', (data) => b.write(data))
    const echoed = once(a as never, 'data')
    a.write(Buffer.from('there and back'))
    expect((await echoed)[0].toString()).toBe('there and back')
    a.destroy()
    b.destroy()
  })

  it('works over TCP, and closes when both ends have ended', async () => {
    const server = net.createServer().listen(0, '127.0.0.1')
    try {
      await once(server, 'listening')
      const accepted = once(server, 'connection')
      const socket = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1')
      const [remote] = (await accepted) as [net.Socket]
      const [a, b] = await Promise.all([
        secure(socket, { keyPair: newKeyPair(), isInitiator: true }),
        secure(remote, { keyPair: newKeyPair(), isInitiator: false })
      ])
      const closed = Promise.all([once(a as never, 'close'), once(b as never, 'close')])
      a.resume()
      b.on('end', () => b.end())
      b.resume()
      a.end()
      await closed
    } finally {
      server.close()
    }
  })

  it('refuses another peer than the expected one', async () => {
    const [raw, remoteRaw] = duplexPair()
    const theirs = secure(remoteRaw, { keyPair: newKeyPair(), isInitiator: false }).catch(() => {})
    const ours = secure(raw, {
      keyPair: newKeyPair(),
      isInitiator: true,
      remotePublicKey: newKeyPair().publicKey
    })
    await expect(ours).rejects.toMatchObject({
      code: 'PEER_MISMATCH',
      message: /^Another peer answered: expected/
    })
    await theirs
    expect(raw.destroyed).toBe(true)
  })

  it('refuses ourselves', async () => {
    const keyPair = newKeyPair()
    const [raw, remoteRaw] = duplexPair()
    const outcomes = await Promise.allSettled([
      secure(raw, { keyPair, isInitiator: true }),
      secure(remoteRaw, { keyPair, isInitiator: false })
    ])
    expect(outcomes.map((o) => o.status === 'rejected' && o.reason.code)).toContain('SELF_CONNECTION')
    expect(outcomes.map((o) => o.status)).toEqual(['rejected', 'rejected'])
  })

  it('gives up a silent remote after ten seconds, or as told', async () => {
    vi.useFakeTimers()
    for (const handshakeTimeout of [undefined, 500]) {
      const [raw] = duplexPair()
      let outcome: unknown
      secure(raw, {
        keyPair: newKeyPair(),
        isInitiator: true,
        ...(handshakeTimeout && { handshakeTimeout })
      }).catch((error) => {
        outcome = error
      })
      await vi.advanceTimersByTimeAsync((handshakeTimeout ?? 10_000) - 1)
      expect(outcome).toBeUndefined()
      await vi.advanceTimersByTimeAsync(1)
      expect(isNetworkerError(outcome, 'HANDSHAKE_TIMEOUT')).toBe(true)
      expect(raw.destroyed).toBe(true)
    }
  })

  it.each([
    ['garbage', Buffer.concat([Buffer.from([48, 0, 0]), Buffer.alloc(48, 0xff)])],
    ['text', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a claim of 16 MiB', Buffer.from([0xff, 0xff, 0xff, 1])]
  ])('refuses %s in the place of a handshake', async (_, bytes) => {
    for (const isInitiator of [true, false]) {
      const [raw, remoteRaw] = duplexPair()
      remoteRaw.write(bytes)
      remoteRaw.resume()
      await expect(secure(raw, { keyPair: newKeyPair(), isInitiator })).rejects.toMatchObject({
        code: 'HANDSHAKE_FAILED'
      })
      expect(raw.destroyed).toBe(true)
    }
  })

  it('reserves no memory for what a stranger claims to send, however its bytes are cut', async () => {
    const before = process.memoryUsage().arrayBuffers
    const raws: PassThrough[] = []
    const outcomes = Array.from({ length: 20 }, async () => {
      const [raw, remoteRaw] = duplexPair()
      raws.push(remoteRaw as PassThrough)
      for (const byte of [0xff, 0xff, 0xff, 1]) remoteRaw.write(Buffer.of(byte))
      remoteRaw.resume()
      await expect(secure(raw, { keyPair: newKeyPair(), isInitiator: false })).rejects.toThrow(
        '16777215 bytes'
      )
      return process.memoryUsage().arrayBuffers
    })
    const most = Math.max(...(await Promise.all(outcomes)))
    expect(most - before).toBeLessThan(16 * 1024 * 1024)
  })

  it('lets frames of any size through once the handshake is done', async () => {
    const [a, b] = await noisePair()
    const got = once(b as never, 'data')
    a.write(Buffer.alloc(1024))
    expect((await got)[0].byteLength).toBe(1024)
    a.destroy()
  })

  it('fails when the remote ends', async () => {
    const [raw, remoteRaw] = duplexPair()
    remoteRaw.end()
    await expect(secure(raw, { keyPair: newKeyPair(), isInitiator: true })).rejects.toMatchObject({
      code: 'HANDSHAKE_FAILED',
      message: /the remote closed the connection/
    })
  })

  it('fails at once on a raw stream that was destroyed before', async () => {
    const [raw] = duplexPair()
    raw.destroy()
    await expect(secure(raw, { keyPair: newKeyPair(), isInitiator: true })).rejects.toMatchObject({
      code: 'HANDSHAKE_FAILED'
    })
  })

  it.each([
    ['isInitiator', { keyPair: newKeyPair() }],
    ['keyPair', { isInitiator: true, keyPair: { publicKey: Buffer.alloc(32) } }],
    ['remotePublicKey', { isInitiator: true, keyPair: newKeyPair(), remotePublicKey: Buffer.alloc(31) }]
  ])('refuses a wrong %s, and leaves no raw stream open', async (name, options) => {
    const [raw] = duplexPair()
    await expect(secure(raw, options as never)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(`${name} must`)
    })
    expect([raw.destroyed, Object.hasOwn(raw, 'write'), raw.listenerCount('newListener')]).toEqual([
      true,
      false,
      0
    ])
  })

  it.each<[string, unknown]>([
    ["unknown option 'keypair'; did you mean 'keyPair'?", { keypair: newKeyPair(), isInitiator: true }],
    ["unknown option 'initiator'", { keyPair: newKeyPair(), initiator: true }],
    [
      "idleTimeout must be a number, got '1s'",
      { keyPair: newKeyPair(), isInitiator: true, idleTimeout: '1s' }
    ],
    ['signal must be an AbortSignal, got null', { keyPair: newKeyPair(), isInitiator: true, signal: null }],
    ['the options of secure() must be an object, got undefined', undefined]
  ])('refuses options with %s', async (detail, options) => {
    const [raw] = duplexPair()
    await expect(secure(raw, options as never)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(detail)
    })
    expect(raw.destroyed).toBe(true)
  })

  it('fails when the raw stream breaks', async () => {
    const [raw] = duplexPair()
    const securing = secure(raw, { keyPair: newKeyPair(), isInitiator: true })
    const cause = new Error('ECONNRESET')
    raw.destroy(cause)
    await expect(securing).rejects.toMatchObject({ code: 'HANDSHAKE_FAILED', cause })
  })

  it('rejects with the reason of an abort, before and during', async () => {
    const reason = new Error('enough')
    const controller = new AbortController()
    const [raw] = duplexPair()
    const during = secure(raw, { keyPair: newKeyPair(), isInitiator: true, signal: controller.signal })
    controller.abort(reason)
    await expect(during).rejects.toBe(reason)
    expect(raw.destroyed).toBe(true)

    const [late] = duplexPair()
    const before = secure(late, { keyPair: newKeyPair(), isInitiator: true, signal: controller.signal })
    await expect(before).rejects.toBe(reason)
    expect(late.destroyed).toBe(true)
  })

  it('survives a raw stream that errors after the handshake', async () => {
    const [raw, remoteRaw] = duplexPair()
    const [a] = await Promise.all([
      secure(raw, { keyPair: newKeyPair(), isInitiator: true }),
      secure(remoteRaw, { keyPair: newKeyPair(), isInitiator: false })
    ])
    const closed = next(a, 'close')
    raw.destroy(new Error('reset'))
    await closed
  })

  it('leaves the raw stream as it was: no own write, no listener of the handshake', async () => {
    const [raw, remoteRaw] = duplexPair()
    const [a, b] = await Promise.all([
      secure(raw, { keyPair: newKeyPair(), isInitiator: true }),
      secure(remoteRaw, { keyPair: newKeyPair(), isInitiator: false })
    ])
    const got = once(b as never, 'data')
    a.write(Buffer.from('x'))
    await got
    expect(Object.hasOwn(raw, 'write')).toBe(false)
    expect(raw.listenerCount('data')).toBe(1)
    expect(raw.listenerCount('newListener')).toBe(0)
    a.destroy()
  })
})
