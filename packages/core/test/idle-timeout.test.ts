import { once } from 'node:events'
import net from 'node:net'
import { duplexPair } from 'node:stream'
import { Duplex } from 'streamx'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type NoiseStream, type RawStream, secure } from '../src/transport.js'
import { newKeyPair, next } from './support.js'

/** In milliseconds. */
const TIMEOUT = 5_000

afterEach(() => vi.useRealTimers())

/** A pair of pipes. Once it is silenced nothing passes, not even the end or the close of the other pipe. */
function silenceablePair() {
  let silent = false
  const end = (other: () => Duplex): Duplex =>
    new Duplex({
      write(data, cb) {
        if (!silent) other().push(data)
        queueMicrotask(() => cb(null))
      },
      final(cb) {
        if (!silent) other().push(null)
        cb(null)
      }
    })
  const a = end(() => b)
  const b = end(() => a)
  const silence = () => {
    silent = true
  }
  return { raws: [a, b] as const, silence }
}

async function securePair(raws: readonly [RawStream, RawStream], idleTimeout = TIMEOUT) {
  const options = { idleTimeout, remotePublicKey: undefined, signal: undefined, handshakeTimeout: undefined }
  return Promise.all([
    secure(raws[0], { ...options, keyPair: newKeyPair(), isInitiator: true }),
    secure(raws[1], { ...options, keyPair: newKeyPair(), isInitiator: false })
  ])
}

/** Runs a test with timers that only the test moves on. */
async function withPair(
  test: (a: NoiseStream, b: NoiseStream, silence: () => void) => Promise<void>
): Promise<void> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval'] })
  const { raws, silence } = silenceablePair()
  const [a, b] = await securePair(raws)
  try {
    await test(a, b, silence)
  } finally {
    for (const stream of [a, b]) stream.destroy()
    await vi.advanceTimersByTimeAsync(0)
    expect(vi.getTimerCount()).toBe(0)
  }
}

describe('secure, with an idleTimeout', () => {
  it('destroys a stream whose remote falls silent, not before that time and not after it', async () => {
    await withPair(async (a, b, silence) => {
      a.resume()
      b.resume()
      await vi.advanceTimersByTimeAsync(TIMEOUT * 3)
      const heard = next(a, 'data')
      b.write(Buffer.from('still here'))
      await heard
      silence()
      await vi.advanceTimersByTimeAsync(TIMEOUT * 0.89)
      expect(a.destroying).toBe(false)
      await vi.advanceTimersByTimeAsync(TIMEOUT * 0.11)
      expect([a.destroyed, b.destroyed]).toEqual([true, true])
    })
  })

  it('destroys one that was never read from, and one that is silent from the beginning', async () => {
    await withPair(async (a, b, silence) => {
      silence()
      await vi.advanceTimersByTimeAsync(TIMEOUT)
      expect([a.destroyed, b.destroyed]).toEqual([true, true])
    })
  })

  it('leaves a link at rest alone, and shows its keep-alive frames to nobody', async () => {
    await withPair(async (a, b) => {
      const frames: Uint8Array[] = []
      for (const stream of [a, b]) stream.on('data', (frame) => frames.push(frame))
      await vi.advanceTimersByTimeAsync(TIMEOUT * 10)
      expect([a.destroying, b.destroying]).toEqual([false, false])
      expect(frames).toEqual([])
    })
  })

  it('without it sends nothing, and waits for ever', async () => {
    vi.useFakeTimers()
    const [raw, remoteRaw] = duplexPair()
    const [a, b] = await securePair([raw, remoteRaw], 0)
    await vi.advanceTimersByTimeAsync(60 * 60 * 1000)
    expect([a.destroying, b.destroying, a.rawBytesWritten]).toEqual([false, false, 0])
    for (const stream of [a, b]) stream.destroy()
  })

  it('does not take a reader that pauses for a silent remote; and when it goes on, it is patient anew', async () => {
    await withPair(async (a, b, silence) => {
      b.resume()
      const sent = 64
      for (let i = 0; i < sent; i++) b.write(Buffer.alloc(16 * 1024))
      await vi.advanceTimersByTimeAsync(0)
      silence()
      await vi.advanceTimersByTimeAsync(TIMEOUT * 10 - 1)
      expect(a.destroying).toBe(false)
      let bytes = 0
      a.on('data', (data) => {
        bytes += data.byteLength
      })
      await vi.advanceTimersByTimeAsync(2)
      expect(bytes).toBeGreaterThan(0)
      expect(a.destroying).toBe(false)
      await vi.advanceTimersByTimeAsync(TIMEOUT)
      expect(a.destroyed).toBe(true)
    })
  })

  it('lets a remote that has ended its side be silent, and hear for as long as it likes', async () => {
    await withPair(async (a, b, silence) => {
      b.resume()
      const ended = next(a, 'end')
      a.resume()
      b.end()
      await ended
      await vi.advanceTimersByTimeAsync(TIMEOUT * 10)
      expect([a.destroying, b.destroying]).toEqual([false, false])
      const heard = next(b, 'data')
      a.write(Buffer.from('last words'))
      expect(await heard).toEqual([Buffer.from('last words')])
      silence()
      await vi.advanceTimersByTimeAsync(TIMEOUT)
      expect([a.destroying, b.destroyed]).toEqual([false, true])
    })
  })

  it('finds out at once, over TCP, that a remote which seemed to have ended is gone', async () => {
    await overTcp(TIMEOUT, async (a, b) => {
      a.resume()
      b.resume()
      const begin = performance.now()
      const closed = next(b, 'close')
      a.destroy()
      await closed
      expect(performance.now() - begin).toBeLessThan(900)
    })
  })

  it('does not take its own sleep for that of the remote', async () => {
    await overTcp(200, async (a, b) => {
      a.resume()
      b.resume()
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500)
      const heard = next(a, 'data')
      b.write(Buffer.from('awake'))
      await heard
      expect([a.destroying, b.destroying]).toEqual([false, false])
    })
  })
})

async function overTcp(
  idleTimeout: number,
  test: (a: NoiseStream, b: NoiseStream) => Promise<void>
): Promise<void> {
  const server = net.createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  try {
    await once(server, 'listening')
    const { port } = server.address() as net.AddressInfo
    const accepted = once(server, 'connection')
    const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    const [remote] = (await accepted) as [net.Socket]
    const pair = await securePair([socket, remote], idleTimeout)
    try {
      await test(...pair)
    } finally {
      for (const stream of pair) stream.destroy()
    }
  } finally {
    server.close()
  }
}
