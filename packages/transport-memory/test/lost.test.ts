import { expect, test } from 'vitest'
import type { NetworkEvent } from '../src/index.js'
import { dial, inVirtualNetwork, sleep } from './virtual-network.js'

function lostOf(events: readonly NetworkEvent[]) {
  return events.flatMap((event) => (event.type === 'lost' ? [event] : []))
}

test(
  'each frame on its way on a link that breaks is reported as lost',
  inVirtualNetwork(async ({ network, peer, connect, clock, events }) => {
    const [atA, atB] = await connect(peer('a'), peer('b'))
    await sleep(100)
    const sent = clock.now()
    atA.stream.write(Buffer.from('one'))
    atB.stream.write(Buffer.from('two'))
    await sleep(3)
    const frames = events.filter(({ type }) => type === 'frame').length
    network.reset('a', 'b')
    await sleep(100)
    expect(lostOf(events)).toMatchObject([
      { time: sent + 3, link: 1, from: 'a', to: 'b', sent },
      { time: sent + 3, link: 1, from: 'b', to: 'a', sent }
    ])
    expect(lostOf(events).every(({ size }) => size > 3)).toBe(true)
    expect(events.filter(({ type }) => type === 'frame')).toHaveLength(frames)
    expect(events.find(({ type }) => type === 'close')).toMatchObject({ by: null, code: 'ECONNRESET' })
  })
)

test(
  'frames that a rule drops, or that are dropped by hand, are reported as lost',
  inVirtualNetwork(async ({ network, peer, connect, clock, events }) => {
    const [atA] = await connect(peer('a'), peer('b'))
    await sleep(100)
    const sent = clock.now()
    {
      using _ = network.rule(() => 'drop')
      atA.stream.write(Buffer.from('one'))
      await sleep(1)
    }
    atA.stream.write(Buffer.from('two'))
    await sleep(1)
    for (const frame of network.inFlight()) frame.drop()
    expect(lostOf(events).map(({ time, sent: at }) => [time, at])).toEqual([
      [sent, sent],
      [sent + 2, sent + 1]
    ])
  })
)

test(
  'frames that a dead host had sent are lost, and those that it writes later are not reported',
  inVirtualNetwork(async ({ network, peer, connect, clock, events }) => {
    const [atA] = await connect(peer('a'), peer('b'))
    await sleep(100)
    atA.stream.write(Buffer.from('last words'))
    await sleep(1)
    const died = clock.now()
    network.kill('a')
    atA.stream.write(Buffer.from('a ghost'))
    await sleep(100)
    expect(lostOf(events)).toMatchObject([{ time: died, from: 'a', to: 'b', sent: died - 1 }])
  })
)

test.each([
  ['refused', 'ECONNREFUSED'],
  ['timeout', 'ETIMEDOUT']
] as const)('a dial that is %s closes with %s', async (how, code) => {
  await inVirtualNetwork(async ({ network, peer, clock, events }) => {
    const [a, b] = [peer('a'), peer('b')]
    using _ = network.failDials('a', 'b', how)
    await dial(a, b, clock)
    expect(events.filter(({ type }) => type === 'close')).toMatchObject([{ link: 1, code }])
  })()
})

test(
  'the close event has a code when a peer was killed, and none when a host closed the link',
  inVirtualNetwork(async ({ network, peer, connect, events }) => {
    const [a, b, c] = [peer('a'), peer('b'), peer('c')]
    const [atA] = await connect(a, b)
    await connect(a, c)
    atA.stream.destroy()
    await sleep(100)
    network.kill('c', { mode: 'reset' })
    await sleep(100)
    expect(events.flatMap((event) => (event.type === 'close' ? [[event.by, event.code]] : []))).toEqual([
      ['a', undefined],
      ['a', 'ECONNRESET']
    ])
  })
)
