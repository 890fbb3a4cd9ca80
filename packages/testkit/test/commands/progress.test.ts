import { describe, expect, it } from 'vitest'
import { Progress } from '../../src/commands/sim/progress.js'
import { SeedBar } from '../../src/commands/sim/seed-bar.js'

function fakeStream(isTTY: boolean) {
  const written: string[] = []
  const write = (text: string) => written.push(text) > 0
  const columns = 80
  const stream = {
    isTTY,
    columns,
    write,
    cursorTo() {},
    clearLine() {},
    moveCursor() {},
    on() {},
    removeListener() {}
  }
  return { written, stream: stream as unknown as NodeJS.WriteStream }
}

describe('the progress of a run', () => {
  it('is one line of a terminal, which makes way for what the scenario prints, and goes in the end', () => {
    const { written, stream } = fakeStream(true)
    const progress = new Progress(stream)
    progress.show({ time: 1_250, frames: 12, events: 40 })
    progress.aside(() => written.push('hello\n'))
    progress.end()
    const line = '\r\x1b[K1.3 s, 12 frames, 40 events'
    expect(written).toEqual([line, '\r\x1b[K', 'hello\n', line, '\r\x1b[K'])
  })

  it('is nothing elsewhere', () => {
    const { written, stream } = fakeStream(false)
    const progress = new Progress(stream)
    progress.show({ time: 1_250, frames: 12, events: 40 })
    progress.end()
    expect(written).toEqual([])
  })
})

describe('the progress of an exploration', () => {
  it('is a bar in a terminal', () => {
    const { written, stream } = fakeStream(true)
    const bar = new SeedBar(4, stream)
    try {
      bar.done(0)
      bar.note('seed 1 failed')
    } finally {
      bar.end()
    }
    expect(written.join('')).toContain('0/4 seeds, 0 failed')
    expect(written).toContain('\r\x1b[Kseed 1 failed\n')
  })

  it('is a line for each tenth elsewhere', () => {
    const { written, stream } = fakeStream(false)
    const bar = new SeedBar(40, stream)
    for (let seed = 0; seed < 40; seed++) bar.done(0)
    bar.end()
    expect(written).toEqual(
      [4, 8, 12, 16, 20, 24, 28, 32, 36, 40].map((done) => `${done} of 40 seeds done, 0 failed\n`)
    )
  })
})
