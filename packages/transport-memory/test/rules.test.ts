import { expect, test } from 'vitest'
import { FaultInjector } from '../src/faults/fault-injector.js'
import { Faults } from '../src/faults/faults.js'
import { Host } from '../src/host.js'
import { Hosts } from '../src/hosts.js'
import type { Frame, Verdict } from '../src/index.js'
import type { Link } from '../src/links/link.js'
import { Links } from '../src/links/links.js'
import { PERFECT } from '../src/links/shape.js'
import { RealClock } from '../src/time/clock.js'
import { idle } from './peers.js'
import { closing, inVirtualNetwork, sleep, texts, type VirtualNetworkContext } from './virtual-network.js'

/** Longer than any frame of a handshake. */
const LOAD = Buffer.alloc(1000, 'x')

/** A rule for the frames that carry the load, and no others. */
function loads(verdict: Verdict) {
  return ({ size }: Frame): Verdict | undefined => (size > LOAD.length ? verdict : undefined)
}

async function pair({ peer, connect }: VirtualNetworkContext) {
  const [atA, atB] = await connect(peer('a'), peer('b'))
  return { atA, atB, read: texts(atB) }
}

test(
  'a rule sees each frame with its hosts, link, index, size, time and bytes',
  inVirtualNetwork(async (context) => {
    const seen: Frame[] = []
    let readable = false
    context.network.rule((frame) => {
      seen.push(frame)
      readable ||= Buffer.from(frame.bytes).includes('xxxx')
      return undefined
    })
    const { atA } = await pair(context)
    atA.stream.write(LOAD)
    await sleep(100)
    const [first] = seen
    expect(first).toMatchObject({ from: 'a', to: 'b', link: 1, index: 0, time: 0 })
    const fromA = seen.filter(({ from }) => from === 'a')
    expect(fromA.map(({ index }) => index)).toEqual(fromA.map((_, i) => i))
    expect(fromA.at(-1)!.bytes.byteLength).toBe(fromA.at(-1)!.size)
    expect(fromA.at(-1)!.size).toBeGreaterThan(LOAD.length)
    expect(readable).toBe(false)
  })
)

test(
  'pass and nothing let a frame through, and after pass no later rule sees it',
  inVirtualNetwork(async (context) => {
    const { atA, read } = await pair(context)
    context.network.rule(({ index }) => (index % 2 === 0 ? 'pass' : undefined))
    const later: number[] = []
    context.network.rule(({ index }) => void later.push(index % 2))
    for (let i = 0; i < 6; i++) {
      atA.stream.write(Buffer.from(`${i}`))
      await sleep(10)
    }
    await sleep(100)
    expect(read).toEqual(['0', '1', '2', '3', '4', '5'])
    expect(later).toEqual([1, 1, 1])
  })
)

test(
  'delay: the frame and those after it arrive so much later',
  inVirtualNetwork(async (context) => {
    const { atA, read } = await pair(context)
    using _ = context.network.rule(loads({ delay: 700 }))
    atA.stream.write(LOAD)
    atA.stream.write(Buffer.from('after'))
    await sleep(709)
    expect(read).toEqual([])
    await sleep(2)
    expect(read).toEqual([LOAD.toString(), 'after'])
  })
)

test(
  'drop: the frame never arrives, and the stream breaks at the next one rather than skip it',
  inVirtualNetwork(async (context) => {
    const { atA, atB, read } = await pair(context)
    using _ = context.network.rule(loads('drop'))
    atA.stream.write(LOAD)
    await sleep(60_000)
    expect([atA.stream.destroyed, read]).toEqual([false, []])
    atA.stream.write(Buffer.from('next'))
    await Promise.all([closing(atA, context.clock), closing(atB, context.clock)])
    expect(read).toEqual([])
  })
)

test(
  'hold: the frame and those after it wait until the rule is over',
  inVirtualNetwork(async (context) => {
    const { atA, read } = await pair(context)
    const undo = context.network.rule(loads('hold'))
    const other = context.network.rule(() => undefined)
    atA.stream.write(LOAD)
    atA.stream.write(Buffer.from('after'))
    await sleep(3_600_000)
    other()
    await sleep(1)
    expect(read).toEqual([])
    undo()
    await sleep(1)
    expect(read).toEqual([LOAD.toString(), 'after'])
  })
)

test(
  'heal lets go of frames that a rule held',
  inVirtualNetwork(async (context) => {
    const { atA, read } = await pair(context)
    context.network.rule(loads('hold'))
    atA.stream.write(LOAD)
    await sleep(100)
    context.network.heal()
    await sleep(1)
    expect(read).toEqual([LOAD.toString()])
  })
)

test(
  'reset: the link breaks for both, in the moment of the write',
  inVirtualNetwork(async (context) => {
    const { atA, atB, read } = await pair(context)
    using _ = context.network.rule(loads('reset'))
    const began = context.clock.now()
    atA.stream.write(LOAD)
    expect(await Promise.all([closing(atA, context.clock), closing(atB, context.clock)])).toEqual([
      began,
      began
    ])
    expect(read).toEqual([])
  })
)

test.each(['corrupt', 'the verb'])(
  '%s: the stream ends with an error, never with wrong bytes, and a new one can be opened',
  (how) =>
    inVirtualNetwork(async (context) => {
      const [a, b] = [context.peer('a'), context.peer('b')]
      const [atA, atB] = await context.connect(a, b)
      const read = texts(atB)
      const errors: unknown[] = []
      atB.stream.on('error', (error) => errors.push(error))
      const undo =
        how === 'corrupt' ? context.network.rule(loads('corrupt')) : context.network.corrupt('a', 'b')
      atA.stream.write(LOAD)
      await Promise.all([closing(atA, context.clock), closing(atB, context.clock)])
      expect(read).toEqual([])
      expect(errors).toHaveLength(1)
      undo()

      const [atAAgain, again] = await context.connect(a, b)
      const readAgain = texts(again)
      atAAgain.stream.write(LOAD)
      await sleep(100)
      expect(readAgain).toEqual([LOAD.toString()])
    })()
)

test('corrupt turns one bit of a share of the frames, in the given direction', async () => {
  const faults = new Faults(() => {})
  const context = { clock: new RealClock(), seed: '', faults }
  const links = new Links({ ...context, onevent: undefined, timeout: 10_000, shape: () => PERFECT })
  const hosts = new Hosts('memory')
  links.dial(hosts.add({ name: 'a' }), hosts.add({ name: 'b' }), () => {})
  const [{ dialler, acceptor }] = [...links] as [Link]
  new FaultInjector({ ...context, hosts, links }).corrupt('a', 'b', { share: 0.25, oneWay: true })
  const turned = { there: [] as number[], back: [] as number[] }
  acceptor.on('data', (frame) => turned.there.push(bitsTurned(frame as Buffer)))
  dialler.on('data', (frame) => turned.back.push(bitsTurned(frame as Buffer)))
  for (let i = 0; i < 400; i++) {
    dialler.write(LOAD)
    acceptor.write(LOAD)
    await idle()
  }
  expect(turned.back).toEqual(Array(400).fill(0))
  expect(turned.there).toHaveLength(400)
  expect(new Set(turned.there)).toEqual(new Set([0, 1]))
  const share = turned.there.filter((bits) => bits === 1).length / 400
  expect(share).toBeGreaterThan(0.15)
  expect(share).toBeLessThan(0.35)
})

test(
  'an invalid share, verdict or rule is refused',
  inVirtualNetwork(async ({ network, peer }) => {
    peer('a')
    peer('b')
    const invalid = expect.objectContaining({ code: 'INVALID_OPTION' })
    expect(() => network.corrupt('a', 'b', { share: 2 })).toThrow(invalid)
    expect(() => network.rule('drop' as never)).toThrow(invalid)
    const faults = new Faults(() => {})
    const [a, b] = [new Host('a'), new Host('b')]
    const frame = { from: 'a', to: 'b', link: 1, index: 0, size: 1, bytes: LOAD, time: 0 }
    for (const verdict of [{ delay: Number.NaN }, { delay: -1 }, 'lose']) {
      const undo = faults.add({ kind: '', who: '', applies: () => true, judge: () => verdict as Verdict })
      expect(() => faults.judge(a, b, frame, () => true)).toThrow(invalid)
      undo()
    }
  })
)

function bitsTurned(frame: Buffer): number {
  let count = 0
  for (const [at, byte] of frame.entries()) {
    for (let bits = byte ^ LOAD[at]!; bits > 0; bits >>= 1) count += bits & 1
  }
  return count
}
