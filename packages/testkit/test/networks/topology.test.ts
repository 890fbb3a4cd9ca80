import { afterEach, expect, test } from 'vitest'
import { createNetworkers, type Networkers, type Topology } from '../../src/index.js'

const topic = Buffer.alloc(32, 1)
const groups: { close(): Promise<void> }[] = []

afterEach(() => Promise.all(groups.splice(0).map((group) => group.close())))

async function linked(count: number, topology: Topology, seed = 0): Promise<Networkers> {
  const group = await createNetworkers(count, { topology, seed })
  groups.push(group)
  return group
}

/** The neighbours of each peer, such as `b ac b`. */
function neighbours(group: Networkers): string {
  return group.names.map((name) => group.neighbours(name).join('')).join(' ')
}

test.each<[Topology, string]>([
  ['line', 'b ac bd ce d'],
  ['ring', 'be ac bd ce ad'],
  ['star', 'bcde a a a a'],
  ['full', 'bcde acde abde abce abcd'],
  [
    [
      ['a', 'd'],
      ['d', 'c'],
      ['a', 'd'],
      ['d', 'a']
    ],
    'd  d ac '
  ],
  [[], '    ']
])(
  '%j of five: connected when it resolves, and by a topic of all no one else',
  async (topology, expected) => {
    const group = await linked(5, topology)
    expect(neighbours(group)).toBe(expected)
    expect(surplus(group)).toBe(0)
    for (const networker of group.networkers) await networker.configure(topic)
    expect(neighbours(group)).toBe(expected)
  }
)

test.each<[number, Topology, string]>([
  [0, 'ring', ''],
  [1, 'full', ''],
  [1, { random: 3 }, ''],
  [2, 'ring', 'b a'],
  [2, { random: 1 }, 'b a'],
  [3, 'ring', 'bc ac ab']
])('%i in a topology of %j', async (count, topology, expected) => {
  const group = await linked(count, topology)
  expect(neighbours(group)).toBe(expected)
  expect(surplus(group)).toBe(0)
})

test.each([
  [12, 2],
  [11, 4],
  [10, 5],
  [6, 5]
])('in a random topology each of %i has %i links, and all are within reach of all', async (count, degree) => {
  const group = await linked(count, { random: degree })
  expect(group.networkers.map(({ peers }) => peers.size)).toEqual(Array(count).fill(degree))
  expect(reached(group, 'a').size).toBe(count)
})

test('an odd number of peers with an odd number of links: the last has one less', async () => {
  const group = await linked(7, { random: 3 })
  expect(group.networkers.map(({ peers }) => peers.size)).toEqual([3, 3, 3, 3, 3, 3, 2])
})

test('the seed draws a random topology', async () => {
  const [first, again, other] = [
    await linked(12, { random: 3 }, 1),
    await linked(12, { random: 3 }, 1),
    await linked(12, { random: 3 }, 2)
  ]
  expect(neighbours(again)).toBe(neighbours(first))
  expect(neighbours(other)).not.toBe(neighbours(first))
})

test('without a topology nobody is connected until a topic is', async () => {
  const group = await createNetworkers(2)
  groups.push(group)
  expect(neighbours(group)).toBe(' ')
  for (const networker of group.networkers) await networker.configure(topic)
  expect(neighbours(group)).toBe('b a')
})

test.each<[unknown, string]>([
  ['bus', "topology is 'line', 'ring', 'star', 'full', { random: degree } or a list of pairs, not 'bus'"],
  ['toString', "not 'toString'"],
  [{ random: 'many' }, "or a list of pairs, not { random: 'many' }"],
  [['a', 'b'], "or a list of pairs, not [ 'a', 'b' ]"],
  [[null], 'or a list of pairs, not [ null ]'],
  [{ random: 1 }, 'random is the number of links of each of 4 peers, from 2 to 3, not 1'],
  [{ random: 4 }, 'from 2 to 3, not 4'],
  [{ random: 2.5 }, 'from 2 to 3, not 2.5'],
  [[['a', 'e']], "no peer is called 'e', there are a, b, c, d"],
  [[['a', 'a']], "'a' cannot be linked to itself"]
])('%j of four is refused', async (topology, message) => {
  await expect(linked(4, topology as Topology)).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringContaining(message)
  })
})

/** How many connections there are in excess of one for each link. A link that was dialled twice would have two. */
function surplus({ networkers }: Networkers): number {
  return networkers.reduce((sum, { peers, streams }) => sum + streams.size - peers.size, 0)
}

function reached(group: Networkers, from: string): Set<string> {
  const reached = new Set([from])
  for (const name of reached) for (const neighbour of group.neighbours(name)) reached.add(neighbour)
  return reached
}
