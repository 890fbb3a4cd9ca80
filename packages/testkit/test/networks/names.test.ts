import type { Networker } from '@basestore/networker'
import { expect, expectTypeOf, test } from 'vitest'
import { createNetworkers, type Networkers, type TestPeer, type TestStore } from '../../src/index.js'
import { toNames } from '../../src/networks/names.js'

test('peers have the names that they were given, in the values and in the types', async () => {
  await using group = await createNetworkers(['bob', 'alice'])
  expect(group.names).toEqual(['bob', 'alice'])
  expect(group.peers.bob).toEqual({
    name: 'bob',
    networker: group.networkers[0],
    store: group.stores[0]
  })
  expect(group.peers.alice.networker).toBe(group.networkers[1])

  expectTypeOf(group.peers).toEqualTypeOf<{
    readonly bob: TestPeer<'bob'>
    readonly alice: TestPeer<'alice'>
  }>()
  expectTypeOf(group.networkers).toEqualTypeOf<[Networker, Networker]>()
  expectTypeOf(group.stores).toEqualTypeOf<[TestStore, TestStore]>()
  expectTypeOf(group.neighbours).parameter(0).toEqualTypeOf<'bob' | 'alice'>()
})

test('peers that are counted are called a, b, c', async () => {
  await using group = await createNetworkers(3)
  expect(Object.keys(group.peers)).toEqual(['a', 'b', 'c'])
  expectTypeOf(group.peers.c).toEqualTypeOf<TestPeer<'c'>>()
  expectTypeOf(group.networkers).toEqualTypeOf<[Networker, Networker, Networker]>()
})

test('after z comes aa', () => {
  expect(toNames(28).slice(24)).toEqual(['y', 'z', 'aa', 'ab'])
  expectTypeOf<Networkers<28>['peers']>().toEqualTypeOf<{ readonly [name: string]: TestPeer<string> }>()
})

test('the count and the names may be known only at run time', async () => {
  const [count, names]: [number, string[]] = [1, ['alice']]
  await using counted = await createNetworkers(count)
  await using named = await createNetworkers(names, { topology: [] })
  expectTypeOf(counted.networkers).toEqualTypeOf<Networker[]>()
  expectTypeOf(named.networkers).toEqualTypeOf<Networker[]>()
  const [name] = named.names
  expect(named.peers[name!]?.networker).toBe(named.networkers[0])
})

test('any text may be a name, also one that is a property of objects or no file name', async () => {
  await using group = await createNetworkers(['__proto__', 'constructor', '../up', '10', '9'])
  expect(Object.keys(group.peers).sort()).toEqual(['../up', '10', '9', '__proto__', 'constructor'])
  expect(group.networkers.indexOf(group.peers['10'].networker)).toBe(3)
})

test('functions in the options get the name too', async () => {
  const told: [number, 'alice' | 'bob'][] = []
  await using _ = await createNetworkers(['alice', 'bob'], {
    networker: (index, name) => {
      told.push([index, name])
      return {}
    }
  })
  expect(told).toEqual([
    [0, 'alice'],
    [1, 'bob']
  ])
})

test.each([
  [['alice', 'bob', 'alice'], "two peers are called 'alice'"],
  [[''], "a peer's name is a string that is not empty"],
  [-1, 'a group has 0, 1, 2, ... networkers, or a list of names, not -1'],
  [1.5, 'a list of names, not 1.5'],
  ['bob', "a list of names, not 'bob'"],
  [{ peers: 2 }, 'a list of names, not { peers: 2 }'],
  [null, 'a list of names, not null']
])('%j is refused', async (peers, message) => {
  await expect(createNetworkers(peers as string[] | number)).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringContaining(message)
  })
})
