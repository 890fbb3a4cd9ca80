import { connect } from 'node:net'
import SecretStream from '@hyperswarm/secret-stream'
import c from 'compact-encoding'
import { describe, expect, it } from 'vitest'
import { type ChildEnd, withChild } from '../support/child.js'
import {
  malformedJson,
  messageFrame,
  NESTED_BATCHES,
  nestedArrays,
  nestedBatches,
  openFrame
} from '../support/hostile.js'
import { closed, quiet } from '../support/stream-pair.js'
import { fixed } from './fixed.js'

const VICTIM = new URL('./children/protomux-victim.mjs', import.meta.url)

describe('a stranger ends a process that uses Protomux plainly', () => {
  const decoding = fixed('extensions', 'messages are declared raw and decoded in a try of our own')

  it('but not with well-formed messages', async () => {
    const message = Buffer.from(c.encode(c.json, { user: { name: 'ann' } }))
    const end = await attack('handler', [openFrame(1, 'victim'), messageFrame(1, 0, message)])
    expect(end).toMatchObject({ code: 0, stdout: 'survived\n', stderr: '' })
  })

  it('with malformed JSON for a message with JSON encoding', async () => {
    const end = await attack('json', [openFrame(1, 'victim'), messageFrame(1, 0, malformedJson())])
    expectCrash(end, 'SyntaxError', decoding)
  })

  it('with deeply nested arrays for a message with any encoding', async () => {
    const end = await attack('any', [openFrame(1, 'victim'), messageFrame(1, 0, nestedArrays())])
    expectCrash(end, 'RangeError: Maximum call stack size exceeded', decoding)
  })

  it('with a well-formed message at which the handler throws a TypeError', async () => {
    const message = Buffer.from(c.encode(c.json, {}))
    const end = await attack('handler', [openFrame(1, 'victim'), messageFrame(1, 0, message)])
    expectCrash(end, 'TypeError', fixed('extensions', 'handlers are called in a try of our own'))
  })

  it('with one frame of nested batches, though no channel is open', async () => {
    const frame = nestedBatches(NESTED_BATCHES)
    expect(frame.byteLength, 'a small frame must do').toBeLessThanOrEqual(25_000)

    const end = await attack('none', [frame])
    expectCrash(
      end,
      'RangeError: Maximum call stack size exceeded',
      fixed('networker', 'the guard that limits the depth of batches on every mux')
    )
  })
})

/** Writes the frames to a victim over an encrypted stream without a Protomux, then ends the stream. */
async function attack(victim: 'json' | 'any' | 'handler' | 'none', frames: Buffer[]): Promise<ChildEnd> {
  return withChild(VICTIM, { args: [victim] }, async (child) => {
    const { port } = await child.message<{ port: number }>()
    const stream = quiet(new SecretStream(true, connect({ port, host: '127.0.0.1' })))
    try {
      await stream.opened
      for (const frame of frames) stream.write(frame)
      stream.end()
      stream.resume()
      await closed(stream)
      return await child.ended
    } finally {
      stream.destroy()
    }
  })
}

function expectCrash(end: ChildEnd, error: string, message: string): void {
  expect(end.timedOut, 'the victim must die or hang up within its bound').toBe(false)
  expect(end.stdout, message).not.toContain('survived')
  expect(end.code, message).not.toBe(0)
  expect(end.stderr, message).toContain(error)
}
