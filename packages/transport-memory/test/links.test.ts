import { expect, test } from 'vitest'
import { MemoryNetwork } from '../src/index.js'
import { announce, idle, lookup, never, type Peer, peer, stop, topic } from './fake-host.js'

/** A and B, and what happens between them. */
async function withPair(run: (a: Peer, b: Peer, network: MemoryNetwork) => Promise<void>): Promise<void> {
  const network = new MemoryNetwork()
  const [a, b] = [peer(network), peer(network)]
  try {
    await run(a, b, network)
  } finally {
    await stop(a, b)
  }
}

test('a cut resets what is open, and what is dialled until the link has healed', () =>
  withPair(async (a, b, network) => {
    a.transport.join(topic(), announce)
    b.transport.join(topic(), lookup)
    const [{ stream }] = await Promise.all([b.host.connection(), a.host.connection()])
    const closed = new Promise<void>((resolve) => stream.once('close', resolve))
    network.partition('memory-1', 'memory-2', { mode: 'reset' })
    await closed

    await expect(b.transport.connect!(a.host.keyPair.publicKey, { signal: never })).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
      cause: { code: 'HANDSHAKE_FAILED', cause: { code: 'ECONNRESET' } }
    })
    await b.transport.flush(topic(), { signal: never })
    expect(a.host.connections.length).toBe(1)

    network.heal()
    await b.transport.flush(topic(), { signal: never })
    expect(b.host.connections.length).toBe(2)
  }))

test('silence holds frames and dials back, in order, until the link has healed', () =>
  withPair(async (a, b, network) => {
    network.partition('memory-1', 'memory-2', { mode: 'hold' })
    a.transport.join(topic(), announce)
    b.transport.join(topic(), lookup)
    await idle()
    expect(a.host.asked).toEqual([])

    network.heal()
    const [{ stream: near }, { stream: far }] = await Promise.all([a.host.connection(), b.host.connection()])
    const texts: string[] = []
    far.on('data', (data) => texts.push(Buffer.from(data).toString()))
    network.partition('memory-1', 'memory-2', { mode: 'hold' })
    for (const text of ['one', 'two', 'three']) near.write(Buffer.from(text))
    await idle()
    expect(texts).toEqual([])
    network.heal()
    await idle()
    expect(texts).toEqual(['one', 'two', 'three'])
  }))

test('a close on a silent link is not seen by the other end until it has healed', () =>
  withPair(async (a, b, network) => {
    a.transport.join(topic(), announce)
    b.transport.join(topic(), lookup)
    const [{ stream: near }, { stream: far }] = await Promise.all([a.host.connection(), b.host.connection()])
    network.partition('memory-1', 'memory-2', { mode: 'hold' })
    near.destroy()
    await idle()
    expect(far.destroyed).toBe(false)
    network.heal()
    await idle()
    expect(far.destroyed).toBe(true)
  }))
