import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { SetView } from '../src/set-view.js'

test('a view shows what its set holds now', () => {
  const set = new Set(['a'])
  const view: ReadonlySet<string> = new SetView(set)
  set.add('b')
  expect([...view]).toEqual(['a', 'b'])
  expect([view.size, view.has('b'), view.has('c')]).toEqual([2, true, false])
  expect([...view.keys(), ...view.values()]).toEqual(['a', 'b', 'a', 'b'])
  expect([...view.entries()]).toEqual([
    ['a', 'a'],
    ['b', 'b']
  ])
  const seen: unknown[] = []
  view.forEach(function (this: string, ...args) {
    seen.push([this, ...args])
  }, 'self')
  expect(seen).toEqual([
    ['self', 'a', 'a', view],
    ['self', 'b', 'b', view]
  ])
  expect(inspect(view)).toBe("Set(2) { 'a', 'b' }")
  expect(Object.prototype.toString.call(view)).toBe('[object Set]')
})

test('nothing of it changes the set', () => {
  const set = new Set(['a'])
  const view = new SetView(set) as unknown as Set<string>
  expect(() => view.add('b')).toThrow(TypeError)
  expect(() => view.delete('a')).toThrow(TypeError)
  expect(() => view.clear()).toThrow(TypeError)
  expect(() => Set.prototype.add.call(view, 'b')).toThrow(TypeError)
  expect([...set]).toEqual(['a'])
})

test("a view has each method of the runtime's sets that reads", () => {
  const changing = ['constructor', 'add', 'delete', 'clear']
  const reading = Reflect.ownKeys(Set.prototype).filter((name) => !changing.includes(String(name)))
  const view = new SetView(new Set(['a', 'b'])) as unknown as Record<PropertyKey, unknown>
  expect(reading.filter((name) => view[name] === undefined)).toEqual([])
  const { union } = view as { union?: (other: Set<string>) => Set<string> }
  if (union) expect([...union.call(view, new Set(['c']))]).toEqual(['a', 'b', 'c'])
})
