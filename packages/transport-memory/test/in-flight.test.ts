import { expect, test } from 'vitest'
import { closing, inVirtualNetwork, sleep, texts, type VirtualNetworkContext } from './virtual-network.js'

async function threeOnTheirWay({ peer, connect, network }: VirtualNetworkContext) {
  const ends = await connect(peer('a'), peer('b'))
  await sleep(100)
  const read = texts(ends[1])
  for (const word of ['one', 'two', 'three']) {
    ends[0].stream.write(Buffer.from(word))
    await sleep(1)
  }
  return { ends, read, flights: network.inFlight() }
}

test(
  'frames on their way are listed in the order in which they were written, with sizes and times',
  inVirtualNetwork(async (context) => {
    const { flights } = await threeOnTheirWay(context)
    const began = context.clock.now() - 3
    expect(flights).toMatchObject([0, 1, 2].map((i) => ({ from: 'a', to: 'b', link: 1, sent: began + i })))
    expect(flights[2]!.size - flights[0]!.size).toBe('three'.length - 'one'.length)
    expect(context.network.inFlight('b', 'a')).toHaveLength(3)
    context.peer('c')
    expect(context.network.inFlight('a', 'c')).toEqual([])
    await sleep(10)
    expect(context.network.inFlight()).toEqual([])
  })
)

test(
  'deliver: the frame arrives at once, after those before it, and the rest in its own time',
  inVirtualNetwork(async (context) => {
    const { read, flights } = await threeOnTheirWay(context)
    flights[1]!.deliver()
    await sleep(0)
    expect(read).toEqual(['one', 'two'])
    await sleep(10)
    expect(read).toEqual(['one', 'two', 'three'])
    for (const flight of flights) flight.deliver()
    await sleep(10)
    expect(read).toEqual(['one', 'two', 'three'])
  })
)

test(
  'deliver gets frames through one by one where all else is held',
  inVirtualNetwork(async (context) => {
    const { network } = context
    const { ends, read, flights } = await threeOnTheirWay(context)
    network.partition('a', 'b', { mode: 'hold' })
    await sleep(3_600_000)
    expect(read).toEqual([])
    for (const [i, flight] of flights.entries()) {
      flight.deliver()
      flight.deliver()
      await sleep(1)
      expect(read).toHaveLength(i + 1)
    }
    network.heal()
    network.rule(() => 'hold')
    ends[0].stream.write(Buffer.from('four'))
    await sleep(1_000)
    network.inFlight('a', 'b')[0]!.deliver()
    await sleep(1)
    expect(read).toEqual(['one', 'two', 'three', 'four'])
  })
)

test(
  'drop: the frame never arrives, and the stream breaks at the next',
  inVirtualNetwork(async (context) => {
    const { read, flights, ends } = await threeOnTheirWay(context)
    flights[1]!.drop()
    await Promise.all(ends.map((end) => closing(end, context.clock)))
    expect(read).toEqual(['one'])
    flights[1]!.drop()
    flights[2]!.deliver()
    expect(context.network.inFlight()).toEqual([])
  })
)

test(
  'frames that were on their way when their host was killed cannot be delivered by hand',
  inVirtualNetwork(async (context) => {
    const { network } = context
    const { read, flights } = await threeOnTheirWay(context)
    network.kill('a')
    for (const flight of flights) flight.deliver()
    await sleep(100)
    expect(read).toEqual([])
  })
)
