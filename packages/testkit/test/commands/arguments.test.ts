import { describe, expect, it } from 'vitest'
import { parse } from '../../src/commands/sim/arguments.js'
import { repeatCommand } from '../../src/commands/sim/repeat-command.js'

describe('the arguments of basestore-sim', () => {
  it.each([
    [[], "the command is run, explore or diff, got ''"],
    [['walk'], "got 'walk'"],
    [['run'], 'run takes 1 file(s), got 0'],
    [['run', 'a.ts', '--jobs', '2'], 'run has no option --jobs'],
    [['run', 'a.ts', '--colour'], '--colour'],
    [['run', 'a.ts', '--faults', '1,x'], "--faults must be a whole number of at least 1, got 'x'"],
    [['explore', 'a.ts', '--seeds', '0'], '--seeds must be a whole number of at least 1'],
    [['explore', 'a.ts', '--from', ''], '--from must be a whole number of at least 0'],
    [['explore', 'a.ts', '--jobs', '1.5'], '--jobs must be a whole number'],
    [['explore', 'a.ts', '--twice', '2'], '--twice must be from 0 to 1'],
    [['explore', 'a.ts', '--seed', '2'], 'explore has no option --seed'],
    [['diff', 'a'], 'diff takes 2 file(s), got 1']
  ])('refuse %j', (args, message) => {
    expect(() => parse(args)).toThrow(message)
  })

  it('distinguish no faults from all faults', () => {
    expect(parse(['run', 'a.ts', '--faults', ''])).toMatchObject({ faults: [] })
    expect(parse(['run', 'a.ts', '--faults='])).toMatchObject({ faults: [] })
    expect(parse(['run', 'a.ts'])).toMatchObject({ faults: undefined })
    expect(parse(['run', 'a.ts', '--faults', '3,7'])).toMatchObject({ faults: [3, 7] })
  })
})

describe('the command that repeats a run', () => {
  it('quotes arguments that a shell would split', () => {
    const options = '--seed=-5 --faults='
    expect(repeatCommand("it's here.ts", -5, [])).toBe(`npx basestore-sim run 'it'\\''s here.ts' ${options}`)
    expect(repeatCommand('a.ts', 'b c', [3, 7])).toBe("npx basestore-sim run a.ts --seed 'b c' --faults=3,7")
  })
})
