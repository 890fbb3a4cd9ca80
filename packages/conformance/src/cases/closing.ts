import assert from 'node:assert/strict'
import { group } from '../case.js'

const FRAME = Buffer.alloc(64 * 1024)
const FRAMES = 16

export const closing = group('closing', {
  'end-delivers': {
    promise: 'Everything that was written before end() arrives, then the end.',
    async run(t) {
      const { near, far } = await t.link()
      for (let i = 0; i < FRAMES; i++) near.stream.write(FRAME)
      near.stream.end()
      await t.until('the end', () => far.ended)
      assert.equal(far.bytes, FRAMES * FRAME.byteLength, 'the end came before all that was written')
    }
  },
  'half-open': {
    promise: 'end() ends one direction. The other end can still write.',
    async run(t) {
      const { near, far } = await t.link()
      near.stream.end()
      await t.until('the end', () => far.ended)
      far.send('still here')
      await t.until('a frame at the end that has ended', () => near.frames.length > 0)
    }
  },
  'both-ended': {
    promise: 'When both ends have called end(), both close without an error.',
    async run(t) {
      const { near, far } = await t.link()
      near.stream.end()
      await t.until('the end', () => far.ended)
      far.stream.end()
      await t.until('the close of both ends', () => near.closes > 0 && far.closes > 0)
      assert.deepEqual([...near.errors, ...far.errors], [], 'an end that both wanted raised an error')
    }
  },
  'destroy-is-seen': {
    promise: 'When one end is destroyed, the other one closes too.',
    async run(t) {
      const pair = await t.link()
      await t.talk(pair)
      pair.near.stream.destroy()
      await t.until('the close of both ends', () => pair.near.closes > 0 && pair.far.closes > 0)
    }
  },
  'destroy-with-error': {
    promise: 'When one end is destroyed with an error, the other one closes too.',
    async run(t) {
      const pair = await t.link()
      await t.talk(pair)
      pair.far.stream.destroy(new Error('out of memory'))
      await t.until('the close of both ends', () => pair.near.closes > 0 && pair.far.closes > 0)
    }
  },
  'destroyed-while-sending': {
    promise: 'When one end is destroyed while the other one sends to it, both close.',
    async run(t) {
      const { near, far } = await t.link()
      for (let i = 0; i < FRAMES; i++) near.stream.write(FRAME)
      await t.until('the first of the frames', () => far.frames.length > 0)
      far.stream.destroy()
      await t.until('the close of both ends', () => near.closes > 0 && far.closes > 0)
    }
  },
  'closes-once': {
    promise: 'A stream closes once, whatever ends it.',
    async run(t) {
      const { near, far } = await t.link()
      near.stream.end()
      far.stream.end()
      near.stream.destroy()
      far.stream.destroy()
      await t.until('the close of both ends', () => near.closes > 0 && far.closes > 0)
      await t.turns()
      assert.deepEqual([near.closes, far.closes], [1, 1])
    }
  }
})
