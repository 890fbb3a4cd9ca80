import type { EventEmitter } from 'node:events'
import { refuseStream } from '@basestore/extensions/internal'
import { describe, expect, it, vi } from 'vitest'
import { Networker, type Peer } from '../src/index.js'
import { FakeTransport, fakeStore, newKeyPair, next, Remote } from './support.js'

/** A networker, and a remote key whose programs a test plays by hand. */
async function scene() {
  const transport = new FakeTransport()
  const keyPair = newKeyPair()
  const remoteKeyPair = newKeyPair()
  const networker = new Networker(fakeStore(), { transports: [transport], keyPair })
  const events: string[] = []
  const faults: unknown[] = []
  networker.on('fault', (error) => faults.push(error))
  networker.on('peer-add', ({ remoteId }) => events.push(`add ${name(remoteId)}`))
  networker.on('peer-remove', ({ remoteId }) => events.push(`remove ${name(remoteId)}`))
  networker.on('peer-stream', () => events.push('stream'))
  networker.registerExtension('x', {
    encoding: 'utf8',
    onopen: ({ remoteId }) => events.push(`open ${name(remoteId)}`),
    onclose: ({ remoteId }) => events.push(`close ${name(remoteId)}`),
    onmessage: (message, { remoteId }) => {
      events.push(`${message} of ${name(remoteId)}`)
      ;(networker as EventEmitter).emit(message)
    }
  })
  await networker.listen()

  const names = new Map<string, string>()
  function name(id: Buffer | null): string {
    return (id && names.get(id.toString('hex'))) ?? 'nobody'
  }
  /** A run of the remote's program. */
  const run = (text: string) => {
    const remote = new Remote()
    names.set(Buffer.from(remote.run).toString('hex'), text)
    const x = remote.extensions.register('x', { encoding: 'utf8' })
    const said: string[] = []
    const arrive = async () => {
      const [ours, theirs] = await transport.handOverSilent(remoteKeyPair)
      let onhere: () => void = () => {}
      const link = remote.attach(theirs, {
        onhello: () => said.push('hello'),
        onpresence: (what) => {
          said.push(what)
          if (what === 'here') onhere()
        },
        onbye: (reason) => said.push(`bye ${reason}`)
      })
      /** Resolves when the networker has handled all that was sent on this stream. */
      const handled = async () => {
        const here = new Promise<void>((resolve) => {
          onhere = resolve
        })
        link.tell('ask')
        await here
      }
      await handled()
      return { ours, theirs, link, handled, answer: () => link.tell('here') }
    }
    return { remote, arrive, said, say: (message: string) => x.broadcast(message) }
  }
  return {
    networker,
    transport,
    events,
    faults,
    run,
    remoteKeyPair,
    async [Symbol.asyncDispose]() {
      await networker.close()
    }
  }
}

describe('a run of the remote', () => {
  it('is a new peer when the old one has gone unnoticed: close, remove, add and open, in order', async () => {
    await using s = await scene()
    const old = await s.run('first').arrive()
    expect(s.events).toEqual(['add first', 'open first'])
    const [peer] = s.networker.peers
    old.theirs.pause() // as a computer whose power was cut: nothing is read there, and nothing ends
    const second = s.run('second')
    const { answer } = await second.arrive()
    second.say('to nobody')
    expect(s.events).toEqual(['add first', 'open first']) // the hello may be late
    const heard = next(s.networker, 'hi')
    const added = next(s.networker, 'peer-add')
    answer()
    second.say('hi')
    await added
    await heard
    expect(s.events.slice(2)).toEqual([
      'close first',
      'remove first',
      'add second',
      'open second',
      'hi of second'
    ])
    expect([...s.networker.peers]).not.toContain(peer)
    expect(s.networker.peers.size).toBe(1)
    expect(s.faults).toEqual([])
  })

  it('is a new peer at once when the old one has said goodbye', async () => {
    await using s = await scene()
    const first = await s.run('first').arrive()
    first.link.bye('closing')
    await first.handled()
    await s.run('second').arrive()
    expect(s.events.slice(2)).toEqual(['close first', 'remove first', 'add second', 'open second'])
  })

  it('that is late does not take the place of a run that lives', async () => {
    await using s = await scene()
    const second = s.run('second')
    const living = await second.arrive()
    const late = await s.run('first').arrive()
    await living.handled()
    expect(second.said).toContain('ask')
    const closed = next(late.ours, 'close')
    late.theirs.destroy()
    await closed
    second.say('still here')
    await living.handled()
    expect(s.events).toEqual(['add second', 'open second', 'still here of second'])
    expect(s.faults).toEqual([])
  })

  it.each([
    ['first', 'second'],
    ['second', 'first']
  ])(
    'beside another one with its key is a fault on both, and neither flaps (%s answers first)',
    async (who) => {
      await using s = await scene()
      const first = s.run('first')
      const a = await first.arrive()
      const second = s.run('second')
      const b = await second.arrive()
      const closed = next(b.theirs, 'close')
      // Extensions answers each 'ask' by itself, so the first program has answered unless its answer is held back.
      if (who === 'second') a.theirs.pause()
      else await a.handled()
      b.answer()
      if (who === 'second') setImmediate(() => a.theirs.resume())
      await closed
      await a.handled()
      expect(s.events).toEqual(['add first', 'open first'])
      expect(first.said).toContain('other')
      expect(second.said).toContain('bye duplicate')
      expect(s.faults).toEqual([expect.objectContaining({ code: 'DUPLICATE_KEY' })])

      // From now on it is refused before it could add us.
      second.said.length = 0
      const [, theirs] = await s.transport.handOverSilent(s.remoteKeyPair)
      const refused = next(theirs, 'close')
      second.remote.attach(theirs, {
        onhello: () => second.said.push('hello'),
        onbye: (reason) => second.said.push(`bye ${reason}`)
      })
      await refused
      expect(new Set(second.said)).toEqual(
        theirs.isInitiator ? new Set(['bye duplicate']) : expect.anything()
      )
      expect(s.faults.length).toBe(1)
    }
  )

  it('that has removed us and comes again is a new peer at once, and an older hello of it is ignored', async () => {
    await using s = await scene()
    const program = s.run('first')
    await program.arrive()
    program.remote.life = 3
    const again = await program.arrive()
    expect(s.events.slice(2)).toEqual(['close first', 'remove first', 'add first', 'open first'])
    program.remote.life = 2
    const [late] = await s.transport.handOverSilent(s.remoteKeyPair)
    void late
    program.say('hi')
    await again.handled()
    expect(s.events.slice(6)).toEqual(['hi of first'])
  })
})

it('that opens its channel again on the same stream stays the same peer, whatever it says then', async () => {
  await using s = await scene()
  const program = s.run('first')
  const { theirs, link } = await program.arrive()
  link.detach()
  program.remote.run = Buffer.alloc(32, 9)
  const again = program.remote.attach(theirs)
  const here = new Promise<void>((resolve) => {
    s.networker.registerExtension('y', { onopen: () => resolve() })
  })
  program.remote.extensions.register('y')
  await here
  again.tell('here')
  expect(s.events.filter((event) => /^(add|remove)/.test(event))).toEqual(['add first'])
  expect(s.networker.streams.size).toBe(1)
})

describe('a remote that refuses us', () => {
  it('is never a peer, and connect() tells its reason', async () => {
    await using s = await scene()
    Object.assign(s.transport, {
      connect: async () => {
        const [, theirs] = await s.transport.handOverSilent(s.remoteKeyPair)
        refuseStream(theirs, 'full')
        theirs.end()
      }
    })
    await expect(s.networker.connect(s.remoteKeyPair.publicKey)).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
      message: /maxPeers/,
      cause: { code: 'REFUSED' }
    })
    expect(s.events).toEqual([])
  })

  it('without a word is told as one that closed before it admitted us', async () => {
    await using s = await scene()
    Object.assign(s.transport, {
      connect: async () => {
        const [, theirs] = await s.transport.handOverSilent(s.remoteKeyPair)
        theirs.destroy()
      }
    })
    await expect(s.networker.connect(s.remoteKeyPair.publicKey)).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
      message: /before it admitted us/
    })
    expect(s.events).toEqual([])
  })

  it('is not wanted for one second, then for two, and so on; configure forgets it', async () => {
    await using s = await scene()
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
    try {
      const { publicKey } = s.remoteKeyPair
      const pauses: number[] = []
      for (let i = 0; i < 4; i++) {
        const [ours, theirs] = await s.transport.handOverSilent(s.remoteKeyPair)
        const closed = next(ours, 'close')
        refuseStream(theirs, 'refused')
        theirs.end()
        await closed
        const start = performance.now()
        while (!s.transport.host.wants(publicKey)) vi.advanceTimersByTime(10)
        pauses.push(performance.now() - start)
      }
      for (const [i, pause] of pauses.entries()) {
        expect(pause).toBeGreaterThanOrEqual(1_000 * 2 ** i)
        expect(pause).toBeLessThanOrEqual(1_260 * 2 ** i)
      }
      const [ours, theirs] = await s.transport.handOverSilent(s.remoteKeyPair)
      const closed = next(ours, 'close')
      theirs.destroy()
      await closed
      expect(s.transport.host.wants(publicKey)).toBe(false)
      expect(s.transport.host.wants(publicKey, { inbound: true })).toBe(true)
      await s.networker.configure(Buffer.alloc(32, 1))
      expect(s.transport.host.wants(publicKey)).toBe(true)
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('a remote that we refuse', () => {
  it.each([
    ['refused', { firewall: () => true }],
    ['full', { maxPeers: 1 }]
  ])('hears why: %s', async (reason, options) => {
    const transport = new FakeTransport()
    await using networker = new Networker(fakeStore(), { transports: [transport], ...options })
    await networker.listen()
    if (reason === 'full') await transport.handOver()
    const [, theirs] = await transport.handOverSilent()
    const said = new Promise((onbye) => new Remote().attach(theirs, { onbye }))
    expect(await said).toBe(reason)
    await next(theirs, 'close')
  })

  it.each(['closing', 'suspended'] as const)('or are leaving, hears why: %s', async (reason) => {
    await using s = await scene()
    const program = s.run('first')
    await program.arrive()
    if (reason === 'closing') await s.networker.close()
    else await s.networker.suspend()
    expect(program.said).toContain(`bye ${reason}`)
  })
})

it.each(['close', 'suspend'] as const)('a refusal that comes while we %s leaves no timer', async (end) => {
  await using s = await scene()
  const [, theirs] = await s.transport.handOverSilent(s.remoteKeyPair)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const ended = s.networker[end]()
    refuseStream(theirs, 'refused')
    theirs.end()
    await ended
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})

describe('a peer whose second stream is heard first', () => {
  it('is carried by that stream when it is added', async () => {
    await using s = await scene()
    await s.transport.handOverSilent(s.remoteKeyPair)
    const added = next(s.networker, 'peer-add')
    const { ours } = await s.run('first').arrive()
    const [peer] = (await added) as [Peer]
    expect(peer.stream).toBe(ours)
    expect(s.events).toEqual(['add first', 'open first'])
  })
})

describe('disconnect', () => {
  it('removes the peer at once, and a stream of it that is heard later is of nobody', async () => {
    await using s = await scene()
    const program = s.run('first')
    await program.arrive()
    const [, theirs] = await s.transport.handOverSilent(s.remoteKeyPair) // on its way while we disconnect
    s.networker.disconnect(s.remoteKeyPair.publicKey)
    expect(s.events.slice(2)).toEqual(['close first', 'remove first'])
    const said: string[] = []
    const closed = next(theirs, 'close')
    program.remote.attach(theirs, { onbye: (reason) => said.push(reason) })
    await closed
    expect(said).toEqual(['closing'])
    expect(s.events.length).toBe(4)
  })

  it('makes the peer another one when it comes again, also before its old streams have closed', async () => {
    await using s = await scene()
    const program = s.run('first')
    const { theirs } = await program.arrive()
    theirs.pause() // it has not read our goodbye yet
    s.networker.disconnect(s.remoteKeyPair.publicKey)
    const [, again] = await s.transport.handOverSilent(s.remoteKeyPair)
    const lives: number[] = []
    const added = next(s.networker, 'peer-add')
    program.remote.attach(again, { onhello: (hello) => lives.push(hello!.life) })
    await added
    expect(lives).toEqual([2])
    expect(s.events).toEqual([
      'add first',
      'open first',
      'close first',
      'remove first',
      'add first',
      'open first'
    ])
    theirs.resume()
  })
})
