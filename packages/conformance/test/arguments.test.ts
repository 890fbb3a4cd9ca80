import { expect, it } from 'vitest'
import { parse } from '../src/command/arguments.js'

it('takes a file, cases and groups, a number of runs and a format', () => {
  expect(parse(['./fixture.js'])).toEqual({ file: './fixture.js', only: [], repeat: 1, format: 'text' })
  const args = ['--case', 'flush', './fixture.js', '--case', 'data.order', '--repeat', '3', '--tap']
  expect(parse(args)).toEqual({
    file: './fixture.js',
    only: ['flush', 'data.order'],
    repeat: 3,
    format: 'tap'
  })
})

it('gives null for the usage', () => {
  expect(parse(['--help'])).toBeNull()
})

it.each([
  [[], 'pass one file, whose default export is the fixture; got 0'],
  [['./fixture.js', './other.js'], 'pass one file, whose default export is the fixture; got 2'],
  [['./fixture.js', '--repeat', '0'], "--repeat must be a whole number of at least 1, got '0'"],
  [['./fixture.js', '--repeat', 'often'], "--repeat must be a whole number of at least 1, got 'often'"],
  [['./fixture.js', '--json', '--tap'], '--json and --tap exclude each other']
])('refuses %j, and says why', (args, detail) => {
  const message = expect.stringContaining(detail)
  expect(() => parse(args)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION', message }))
})

it('refuses an unknown option by its name', () => {
  expect(() => parse(['./fixture.js', '--colour'])).toThrow('--colour')
})
