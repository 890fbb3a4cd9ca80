import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { group } from '../case.js'
import type { CaseContext } from '../context.js'
import type { Pair } from '../pair.js'
import type { RecordedConnection } from '../recorded-connection.js'

const MIB = 1024 * 1024
const FRAME = 64 * 1024
/** Bytes. A write() that is still not refused after so many never will be. */
const MORE_THAN_ANY_BUFFER = 64 * MIB

export const data = group('data', {
  'both-ways': {
    promise: 'Each end reads what the other one writes.',
    async run(t) {
      await t.talk(await t.link())
    }
  },
  boundaries: {
    promise: 'One write at one end is one data event at the other.',
    async run(t) {
      const pair = await t.link()
      const frames = ['one', 'and two', 'and', 'a last one'].map((text) => Buffer.from(text))
      await assertArrive(t, pair, frames)
    }
  },
  'one-byte': {
    promise: 'A frame of one byte arrives.',
    async run(t) {
      await assertArrive(t, await t.link(), [Buffer.of(7)])
    }
  },
  'every-byte': {
    promise: 'Bytes of every value arrive unchanged.',
    async run(t) {
      await assertArrive(t, await t.link(), [Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))])
    }
  },
  'empty-frame': {
    promise: 'An empty frame may get lost, and does no harm to the frames around it.',
    async run(t) {
      const { near, far } = await t.link()
      near.send('before')
      near.stream.write(Buffer.alloc(0))
      near.send('after')
      await t.until('the frame after the empty one', () => far.has('after'))
      const texts = far.texts.filter((text) => text !== '')
      assert.deepEqual(texts, ['before', 'after'])
      assert.ok(far.texts.indexOf('') < 2, 'the empty frame came after the one that was written after it')
    }
  },
  sizes: {
    promise: 'Frames of any size arrive whole, also just below and above a power of two.',
    async run(t) {
      const sizes = [2, 255, 256, 1023, 1024, 16_384, 65_519, 65_535, 65_536, 65_537, 100_000]
      await assertArrive(
        t,
        await t.link(),
        sizes.map((size) => randomBytes(size))
      )
    }
  },
  'one-mebibyte': {
    promise: 'A frame of 1 MiB arrives whole.',
    async run(t) {
      await assertArrive(t, await t.link(), [randomBytes(MIB)])
    }
  },
  order: {
    promise: 'Frames arrive in the order in which they were written.',
    async run(t) {
      const numbers = Array.from({ length: 1000 }, (_, n) => Buffer.from(String(n)))
      await assertArrive(t, await t.link(), numbers)
    }
  },
  'both-at-once': {
    promise: 'Both ends can write a lot at the same time.',
    async run(t) {
      const { near, far } = await t.link()
      for (const { stream } of [near, far]) for (let i = 0; i < 32; i++) stream.write(Buffer.alloc(FRAME, i))
      const all = 32 * FRAME
      await t.until('2 MiB at each end', () => near.bytes >= all && far.bytes >= all)
      assert.deepEqual([near.bytes, far.bytes], [all, all])
    }
  },
  'not-synchronous': {
    promise: 'A frame is never delivered during the call of write() that sends it.',
    async run(t) {
      const pair = await t.link()
      await t.talk(pair)
      const { near, far } = pair
      const before = far.frames.length
      near.send('not yet')
      const within = far.frames.length - before
      await t.until('the frame', () => far.has('not yet'))
      assert.equal(within, 0, 'the frame was there when write() returned; deliver it on a microtask')
    }
  },
  'buffers-not-shared': {
    promise: 'The two ends share no memory: a change of a buffer at one end is not seen at the other.',
    async run(t) {
      const { near, far } = await t.link()
      const written = Buffer.from('written')
      near.stream.write(written)
      await t.until('the frame', () => far.frames.length > 0)
      const read = far.frames[0]!
      read.fill(0)
      assert.equal(written.toString(), 'written', "the reader can change the writer's buffer")
      read.fill(1)
      written.fill(2)
      assert.ok(
        read.every((byte) => byte === 1),
        "the writer can change the reader's buffer"
      )
    }
  },
  'buffer-used-again': {
    promise: 'A buffer can be used again once its frame is on its way, also before anybody reads the frame.',
    async run(t) {
      const pair = await t.link()
      await t.talk(pair)
      const { near, far } = pair
      const before = far.frames.length
      far.stream.pause()
      const buffer = Buffer.from('first')
      near.stream.write(buffer)
      await t.turns()
      buffer.fill(0)
      far.stream.resume()
      await t.until('the frame', () => far.frames.length > before)
      assert.equal(Buffer.from(far.frames[before]!).toString(), 'first', "the writer's buffer was kept")
    }
  },
  pause: {
    promise: 'A paused reader gets nothing until it resumes, then everything.',
    async run(t) {
      const pair = await t.link()
      await t.talk(pair)
      const { near, far } = pair
      const before = far.frames.length
      far.stream.pause()
      for (let i = 0; i < 10; i++) near.send(`frame ${i}`)
      far.send('the other way')
      await t.until('a frame the other way', () => near.has('the other way'))
      await t.turns()
      const meanwhile = far.frames.length - before
      far.stream.resume()
      await t.until('the last of the frames', () => far.has('frame 9'))
      assert.equal(meanwhile, 0, 'frames were delivered to a reader that had paused')
      assert.equal(far.frames.length - before, 10, 'not every frame came when the reader went on')
    }
  },
  backpressure: {
    promise: 'write() returns false to a writer that is faster than the connection.',
    async run(t) {
      const { near } = await t.link()
      const sent = writeUntilFalse(near)
      assert.ok(
        sent < MORE_THAN_ANY_BUFFER,
        `write() took ${sent / MIB} MiB at once and never returned false`
      )
    }
  },
  drain: {
    promise: 'A waiting writer gets a drain event, and nothing that it wrote is lost.',
    async run(t) {
      const { near, far } = await t.link()
      const { drains } = near
      const sent = writeUntilFalse(near)
      await t.until('drain', () => near.drains > drains)
      await t.until('all that was written', () => far.bytes >= sent)
      assert.equal(far.bytes, sent, 'more arrived than was written')
    }
  }
})

/** Sends the frames in both directions, one direction after the other. */
async function assertArrive(t: CaseContext, { near, far }: Pair, frames: readonly Buffer[]): Promise<void> {
  for (const [writer, reader] of [
    [near, far],
    [far, near]
  ] as const) {
    for (const frame of frames) writer.stream.write(Buffer.from(frame))
    writer.send('the last one')
    await t.until('the last of the frames', () => reader.has('the last one'))
    const lengths = reader.frames.map(({ byteLength }) => byteLength)
    assert.deepEqual(
      lengths,
      [...frames.map(({ byteLength }) => byteLength), 12],
      'the frames have other lengths'
    )
    for (const [i, frame] of frames.entries()) {
      assert.ok(frame.equals(reader.frames[i]!), `frame ${i} of ${frames.length} has other bytes`)
    }
  }
}

/** Returns the number of bytes until `write` returned false. Gives up at {@link MORE_THAN_ANY_BUFFER}. */
function writeUntilFalse({ stream }: RecordedConnection): number {
  let sent = 0
  do sent += FRAME
  while (stream.write(Buffer.alloc(FRAME)) && sent < MORE_THAN_ANY_BUFFER)
  return sent
}
