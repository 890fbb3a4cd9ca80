import { once } from 'node:events'
import { isNetworkerError, type NoiseStream } from '@basestore/networker'
import { createNetworkers, waitForPeers } from '@basestore/testkit'
import { MemoryNetwork } from '@basestore/transport-memory'
import c from 'compact-encoding'
import Protomux from 'protomux'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { malformedJson, nestedArrays, nestedBatches } from '../support/hostile.js'
import { Stranger } from './stranger.js'

// Each of these attacks ends a process that uses the bare libraries: see ../upstream.
const [CONTROL, DATA] = [0, 1]
const ANNOUNCE = 0

describe('a hostile peer', () => {
  let group: Awaited<ReturnType<typeof createNetworkers<2>>>
  let stranger: Stranger
  let stream: NoiseStream
  let faults: unknown[]

  beforeEach(async () => {
    const network = new MemoryNetwork({ seed: 1 })
    group = await createNetworkers(2, { network })
    faults = []
    const [victim, friend] = group.networkers
    victim.on('fault', (error) => faults.push(error))
    const core = group.stores[0].get({ name: 'core' })
    await core.append('still here')
    await victim.configure(core.discoveryKey)
    await friend.configure(core.discoveryKey)
    stranger = new Stranger(network)
    stream = await stranger.dial(victim.keyPair.publicKey)
    Protomux.from(stream) // it rejects our channel: that admits the victim
    await waitForPeers(victim, 2)
  })

  afterEach(async () => {
    await stranger.close()
    await group.close()
  })

  /** Asserts that the victim still replicates with its friend, and still gets its messages. */
  async function goesOn() {
    const [victim, friend] = group.networkers
    const core = group.stores[0].get({ name: 'core' })
    await core.ready()
    const copy = group.stores[1].get({ key: core.key })
    expect((await copy.get(0)).toString()).toBe('still here')
    const heard = new Promise((resolve) =>
      victim.registerExtension('alive', { encoding: 'utf8', onmessage: resolve })
    )
    friend.registerExtension('alive', { encoding: 'utf8' }).broadcast('yes')
    expect(await heard).toBe('yes')
  }

  /** Writes our wire format (docs/wire.md) by hand, as the extension `name` with number 1. */
  function speak(name: string) {
    const mux = Protomux.from(stream)
    const channel = mux.createChannel({ protocol: 'basestore/extensions' })!
    const messages = Array.from({ length: 4 }, () => channel.addMessage({ encoding: c.raw }))
    channel.open()
    const announce = Buffer.concat([
      c.encode(c.uint, ANNOUNCE),
      c.encode(c.uint, 1),
      c.encode(c.string, name)
    ])
    messages[CONTROL]!.send(announce)
    return {
      announce: (bytes: Uint8Array) => messages[CONTROL]!.send(bytes),
      send: (payload: Uint8Array) => messages[DATA]!.send(dataOf(1, payload))
    }
  }

  it('that sends nested batches loses its connection, and nothing else happens', async () => {
    const closed = new Promise<void>((resolve) => stream.once('close', resolve))
    stream.resume()
    stream.write(nestedBatches(20_000))
    await closed
    await waitForPeers(group.networkers[0], 1)
    await goesOn()
  })

  it.each([
    ['malformed JSON', 'json' as const, malformedJson()],
    ['bytes that are not UTF-8', 'utf8' as const, Buffer.from([0xc3, 0x28])],
    ['arrays nested deeply', c.any, nestedArrays()],
    ['a truncated codec', c.fixed32, Buffer.alloc(3)]
  ])('that sends %s causes an onerror, and stays connected', async (_, encoding, bytes) => {
    const [victim] = group.networkers
    const received: unknown[] = []
    const failed = new Promise((resolve) => {
      victim.registerExtension('x', {
        encoding: encoding as 'json',
        onmessage: (message) => received.push(message),
        onerror: (error) => resolve(error)
      })
    })
    speak('x').send(bytes)
    expect(await failed).toBeInstanceOf(Error)
    expect([received, stream.destroyed]).toEqual([[], false])
    await goesOn()
  })

  it('that makes a handler throw a TypeError causes an onerror, or a fault without one', async () => {
    const [victim] = group.networkers
    victim.registerExtension('x', {
      encoding: 'json',
      onmessage: (message) => (message as { deep: { er: string } }).deep.er
    })
    const fault = once(victim, 'fault')
    speak('x').send(Buffer.from('{}'))
    const [error] = await fault
    expect(String(error)).toMatch(/TypeError|undefined/)
    expect(stream.destroyed).toBe(false)
    await goesOn()
  })

  it('that sends garbage on our channel causes a fault, and stays connected', async () => {
    const fault = once(group.networkers[0], 'fault')
    speak('x').announce(Buffer.from([0xff, 1, 2, 3]))
    await fault
    expect(stream.destroyed).toBe(false)
    await goesOn()
  })

  it('that sends garbage on the stream loses its connection, and nothing else happens', async () => {
    const removed = once(group.networkers[0], 'peer-remove')
    stream.write(Buffer.from([0, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]))
    await removed
    await goesOn()
  })

  it('that resets the connection does not end the process', async () => {
    const removed = once(group.networkers[0], 'peer-remove')
    stream.destroy(new Error('reset'))
    await removed
    await goesOn()
  })

  it('that never reads costs a bounded backlog', async () => {
    const [victim] = group.networkers
    const errors: unknown[] = []
    const opened = new Promise((onopen) => {
      victim.registerExtension('bulk', { onopen })
    })
    const bulk = victim.registerExtension('bulk', { onerror: (error) => errors.push(error) })
    speak('bulk')
    await opened
    stream.pause()
    const peer = [...victim.peers].find(({ remotePublicKey }) => remotePublicKey.equals(stream.publicKey))!
    const message = Buffer.alloc(1 << 20)
    let sent = 0
    while (errors.length === 0 && sent < 1_000) {
      bulk.send(message, peer)
      sent++
    }
    expect(isNetworkerError(errors[0], 'BACKLOG_FULL')).toBe(true)
    expect(sent).toBeLessThanOrEqual(65)
    await goesOn()
  })

  it('that sends to an unknown name is ignored', async () => {
    const victim = group.networkers[0]
    const heard = new Promise((resolve) =>
      victim.registerExtension('known', { encoding: 'utf8', onmessage: resolve })
    )
    const { send } = speak('unknown')
    send(Buffer.from('into the void'))
    const channel = speakAgain('known')
    channel(Buffer.from('heard'))
    expect(await heard).toBe('heard')
    expect(faults).toEqual([])

    function speakAgain(name: string) {
      const mux = Protomux.from(stream) as unknown as {
        _local: { messages: { send(b: Uint8Array): void }[] }[]
      }
      const { messages } = mux._local.find(Boolean)!
      messages[CONTROL]!.send(Buffer.concat([Buffer.of(ANNOUNCE, 2), c.encode(c.string, name)]))
      return (payload: Uint8Array) => messages[DATA]!.send(dataOf(2, payload))
    }
  })
})

function dataOf(id: number, payload: Uint8Array): Uint8Array {
  return c.encode(c.buffer, Buffer.concat([Buffer.of(id), payload]))
}

describe('a peer that is gone', () => {
  it('cannot be sent to, and the error says what to do', async () => {
    await using group = await createNetworkers(2)
    const [a, b] = group.networkers
    const topic = Buffer.alloc(32, 1)
    await a.configure(topic)
    await b.configure(topic)
    await waitForPeers(a, 1)
    const [peer] = a.peers
    const text = a.registerExtension('text', { encoding: 'utf8' })
    const removed = once(a, 'peer-remove')
    await b.close()
    await removed
    expect(() => text.send('anyone?', peer!)).toThrow(/^Peer is gone: /)
    expect(() => text.send('anyone?', peer!)).toThrow(expect.objectContaining({ code: 'PEER_GONE' }))
    await expect(text.drained(peer!)).rejects.toMatchObject({ code: 'PEER_GONE' })
  })
})
