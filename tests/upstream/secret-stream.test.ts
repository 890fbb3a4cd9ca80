import { once } from 'node:events'
import type { Socket } from 'node:net'
import SecretStream from '@hyperswarm/secret-stream'
import { Duplex } from 'streamx'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { runChild } from '../support/child.js'
import { longestHandshakeClaim } from '../support/hostile.js'
import { quiet, withSocketPair } from '../support/stream-pair.js'
import { fixed } from './fixed.js'

const SYNCHRONOUS_PAIR = new URL('./children/synchronous-pair.mjs', import.meta.url)
const HOUR = 60 * 60 * 1000
const MIB = 1024 * 1024

describe('secret-stream', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('waits for a silent remote for ever', async () => {
    vi.useFakeTimers()
    const stream = quiet(new SecretStream(true, silentStream()))
    try {
      let opened = false
      void stream.opened.then(() => {
        opened = true
      })
      await vi.advanceTimersByTimeAsync(HOUR)

      const message = fixed('networker', "secure()'s handshakeTimeout")
      expect(vi.getTimerCount(), message).toBe(0)
      expect(opened, message).toBe(false)
      expect(stream.destroying, message).toBe(false)
    } finally {
      stream.destroy()
    }
  })

  it('opens normally when another peer answers than the expected one', async () => {
    const expected = SecretStream.keyPair()
    const actual = SecretStream.keyPair()
    await withSocketPair(async (near, far) => {
      const message = fixed('networker', "secure()'s PEER_MISMATCH")
      const [initiator, opened] = await handshake(
        [near, { remotePublicKey: expected.publicKey }],
        [far, { keyPair: actual }]
      )
      expect(opened, message).toEqual([true, true])
      expect(Buffer.from(initiator.remotePublicKey), message).toEqual(Buffer.from(actual.publicKey))
    })
  })

  it('opens normally when both ends have the same key', async () => {
    const keyPair = SecretStream.keyPair()
    await withSocketPair(async (near, far) => {
      const [, opened] = await handshake([near, { keyPair }], [far, { keyPair }])
      expect(opened, fixed('networker', "secure()'s SELF_CONNECTION")).toEqual([true, true])
    })
  })

  it("reserves 16 MiB for a stranger's first four bytes", async () => {
    const strangers = 4
    const before = process.memoryUsage().arrayBuffers
    const streams: SecretStream[] = []
    try {
      for (let i = 0; i < strangers; i++) {
        const raw = silentStream()
        const stream = quiet(new SecretStream(false, raw))
        streams.push(stream)
        const read = once(raw, 'data')
        raw.push(longestHandshakeClaim())
        await read
      }
      const reserved = process.memoryUsage().arrayBuffers - before
      const message = fixed('networker', 'the guard that refuses handshake frames by their claimed length')
      // One less: garbage of earlier tests may be collected meanwhile.
      expect(reserved, message).toBeGreaterThan((strangers - 1) * 16 * MIB)
    } finally {
      for (const stream of streams) stream.destroy()
    }
  })

  it("crashes over a pair that delivers within write(), such as Node's duplexPair()", async () => {
    const end = await runChild(SYNCHRONOUS_PAIR)
    const message = fixed('networker', 'the handshake writes on a microtask')
    expect(end.timedOut, message).toBe(false)
    expect(end.code, message).not.toBe(0)
    expect(end.stderr, message).toContain('TypeError')
  })
})

type Side = [raw: Socket, options: ConstructorParameters<typeof SecretStream>[2]]

async function handshake(near: Side, far: Side): Promise<[initiator: SecretStream, opened: boolean[]]> {
  const initiator = quiet(new SecretStream(true, ...near))
  const responder = quiet(new SecretStream(false, ...far))
  try {
    return [initiator, await Promise.all([initiator.opened, responder.opened])]
  } finally {
    initiator.destroy()
    responder.destroy()
  }
}

/** A remote that takes all bytes and never answers. */
function silentStream(): Duplex {
  return new Duplex({ write: (_data: unknown, done: (error: null) => void) => done(null) })
}
