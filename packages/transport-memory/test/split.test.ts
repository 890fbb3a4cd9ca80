import { expect, test } from 'vitest'
import { MemoryNetwork, type Split, type SplitKind, type SplitOptions } from '../src/index.js'
import type { Peer } from './peers.js'
import { closing, dial, inVirtualNetwork } from './virtual-network.js'

/** A network of so many hosts, called 0, 1 and so on. */
function hosts(count: number, seed: number | string = 0): MemoryNetwork {
  const network = new MemoryNetwork({ seed })
  for (let i = 0; i < count; i++) network.host({ name: `${i}` })
  return network
}

function sizes({ groups }: Split): number[] {
  return groups.map(({ length }) => length)
}

function members({ groups }: Split): string[] {
  return [...new Set(groups.flat())].sort()
}

const FIVE = ['0', '1', '2', '3', '4']

test('isolate: one host apart from the rest, by chance or by name', () => {
  const split = hosts(5).split('isolate')
  expect(sizes(split)).toEqual([1, 4])
  expect(members(split)).toEqual(FIVE)
  expect(hosts(5).split('isolate', { host: '3' }).groups[0]).toEqual(['3'])
  expect(hosts(5).split('isolate', { host: /[12]/ }).groups[0]).toEqual(['1', '2'])
})

test.each([
  [2, [1, 1]],
  [3, [2, 1]],
  [4, [3, 1]],
  [5, [3, 2]],
  [10, [6, 4]]
])('majority of %i', (count, expected) => {
  expect(sizes(hosts(count).split('majority'))).toEqual(expected)
})

test('bridge: two halves that share one host', () => {
  const { groups } = hosts(5).split('bridge')
  const [one, other] = groups as [string[], string[]]
  expect([one.length, other.length]).toEqual([3, 3])
  expect(one.filter((name) => other.includes(name))).toHaveLength(1)
  const named = hosts(6).split('bridge', { host: '5' })
  expect(named.groups.every((group) => group.includes('5'))).toBe(true)
  expect(members(named)).toHaveLength(6)
})

test.each([4, 5, 6, 7, 12, 25])(
  'ring of %i: each host sees a majority, and no two see the same one',
  (count) => {
    const { groups } = hosts(count).split('ring')
    expect(groups.map(([name]) => name!).sort()).toEqual(
      Array.from({ length: count }, (_, i) => `${i}`).sort()
    )
    for (const group of groups) {
      expect(group.length).toBeGreaterThan(count / 2)
      expect(group.length).toBeLessThan(count)
      for (const seen of group) expect(groups.find(([name]) => name === seen)).toContain(group[0])
    }
    expect(new Set(groups.map((group) => [...group].sort().join())).size).toBe(count)
  }
)

test('random: each host in one of two groups, and never all in one', () => {
  const kinds = new Set<string>()
  for (let seed = 0; seed < 60; seed++) {
    const split = hosts(4, seed).split('random')
    expect(members(split)).toEqual(['0', '1', '2', '3'])
    expect(Math.min(...sizes(split))).toBeGreaterThan(0)
    kinds.add(sizes(split).join())
  }
  expect(kinds).toEqual(new Set(['1,3', '2,2', '3,1']))
})

test.each<SplitKind>(['isolate', 'majority', 'bridge', 'ring', 'random'])(
  '%s: the same seed gives the same groups, another seed and the next call give others',
  (how) => {
    const groupsOf = (network: MemoryNetwork) => network.split(how).groups
    const network = hosts(20)
    const first = groupsOf(network)
    expect(groupsOf(hosts(20))).toEqual(first)
    expect(groupsOf(hosts(20, 'another'))).not.toEqual(first)
    expect(groupsOf(network)).not.toEqual(first)
  }
)

/** The pairs of hosts of which the first reaches the second with a dial, as `ab`. */
async function reached(names: string, peer: (name: string) => Peer, clock: Parameters<typeof dial>[2]) {
  const found: string[] = []
  for (const from of names) {
    for (const to of names) {
      if (from === to) continue
      const { code } = await dial(peer(from), peer(to), clock)
      if (code !== 'opened') continue
      found.push(from + to)
      for (const { stream } of peer(from).host.connections) {
        stream.destroy()
        await closing({ stream } as Parameters<typeof closing>[0], clock)
      }
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  return found
}

test(
  'groups: hosts that share one reach each other, and a host in none, or a later one, reaches all',
  inVirtualNetwork(async ({ network, peer, clock }) => {
    const peers = new Map(['a', 'b', 'c', 'n'].map((name) => [name, peer(name)]))
    const undo = network.split([['a', 'b'], 'c'], { mode: 'reset' })
    expect(undo.groups).toEqual([['a', 'b'], ['c']])
    peers.set('l', peer('l'))
    const all = await reached('abcnl', (name) => peers.get(name)!, clock)
    const pairs = 'abcnl'.length * ('abcnl'.length - 1)
    expect(all).toHaveLength(pairs - 4)
    for (const pair of ['ac', 'ca', 'bc', 'cb']) expect(all).not.toContain(pair)
    undo()
    expect(await reached('abcnl', (name) => peers.get(name)!, clock)).toHaveLength(pairs)
  })
)

test(
  'a host that is in two groups is a bridge between them',
  inVirtualNetwork(async ({ network, peer, clock }) => {
    const peers = new Map(['a', 'b', 'c'].map((name) => [name, peer(name)]))
    using _ = network.split(
      [
        ['a', 'b'],
        ['b', 'c']
      ],
      { mode: 'reset' }
    )
    const found = await reached('abc', (name) => peers.get(name)!, clock)
    expect(found).toEqual(['ab', 'ba', 'bc', 'cb'])
  })
)

test.each([
  [false, []],
  [true, ['from b']]
])('a split in one direction, %s: what arrives is %o', (oneWay, expected) =>
  inVirtualNetwork(async ({ network, peer, connect }) => {
    const [atA, atB] = await connect(peer('a'), peer('b'))
    const read: string[] = []
    for (const { stream } of [atA, atB]) stream.on('data', (data) => read.push(Buffer.from(data).toString()))
    using _ = network.split(['a', 'b'], { mode: 'hold', oneWay })
    atA.stream.write(Buffer.from('from a'))
    atB.stream.write(Buffer.from('from b'))
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    expect(read).toEqual(expected)
  })()
)

test(
  'a restarted host stays in the group of its name, and a new split leaves out dead hosts',
  inVirtualNetwork(async ({ network, peer, clock, events }) => {
    const [, b] = [peer('a'), peer('b')]
    using _ = network.split(['a', 'b'], { mode: 'reset' })
    network.kill('a')
    expect(() => network.split('isolate')).toThrow(/'isolate' takes 2 hosts or more, there are 1/)
    const again = peer('a')
    expect((await dial(b, again, clock)).code).toBe('ECONNRESET')
    expect(events[0]).toMatchObject({ type: 'fault', kind: 'split', who: 'a | b' })
  })
)

test.each<[string, SplitKind | string[], SplitOptions, RegExp]>([
  ['a ring of three', 'ring', {}, /'ring' takes 4 hosts or more, there are 3/],
  ['a kind that there is none of', 'swizzle' as SplitKind, {}, /split takes one of isolate, majority/],
  ['one group', ['0'], {}, /two groups or more/],
  ['an empty group', ['0', /x/ as never], {}, /each with somebody in it/],
  ['a mode that there is none of', 'random', { mode: 'cut' as 'drop' }, /mode must be one of/],
  ['all of them isolated', 'isolate', { host: /./ }, /each with somebody in it/]
])('%s is refused', (_, how, options, message) => {
  expect(() => hosts(3).split(how, options)).toThrow(message)
})

test('a ring refuses oneWay', () => {
  expect(() => hosts(5).split('ring', { oneWay: true })).toThrow(/two-way/)
})
