import { once } from 'node:events'
import { expect, test } from 'vitest'
import { RealClock } from '../src/time/clock.js'
import { BareLink, type End } from './bare-link.js'
import { idle } from './peers.js'

/** Bytes that streamx buffers on a side before the writer has to wait. */
const HIGH_WATER_MARK = 16 * 1024

function link(): [End, End] {
  const { a, b } = new BareLink({ clock: new RealClock() })
  return [a, b]
}

function frames(end: End): string[] {
  const read: string[] = []
  end.on('data', (frame: Buffer) => read.push(frame.toString()))
  return read
}

test('each end reads what the other writes, frame by frame', async () => {
  const [a, b] = link()
  const fromA = frames(b)
  const fromB = frames(a)
  for (const word of ['one', 'two', 'three']) a.write(Buffer.from(word))
  b.write(Buffer.from('four'))
  await idle()
  expect(fromA).toEqual(['one', 'two', 'three'])
  expect(fromB).toEqual(['four'])
})

test('a frame is delivered after write() returned, and within microtasks', async () => {
  const [a, b] = link()
  const read = frames(b)
  await idle()
  a.write(Buffer.from('x'))
  expect(read).toEqual([])
  await idle()
  expect(read).toEqual(['x'])
})

test('a reader that answers from within its data handler gets its answer delivered later', async () => {
  const [a, b] = link()
  const order: string[] = []
  a.on('data', () => order.push('answer'))
  b.on('data', () => {
    b.write(Buffer.from('answer'))
    order.push('wrote')
  })
  a.write(Buffer.from('question'))
  await idle()
  expect(order).toEqual(['wrote', 'answer'])
})

test('a writer that uses its buffer again does not change what the reader gets', async () => {
  const [a, b] = link()
  const read = frames(b)
  const buffer = Buffer.from('first')
  a.write(buffer)
  buffer.write('again')
  await idle()
  expect(read).toEqual(['first'])
})

test('a reader that writes into a frame does not change what the writer holds', async () => {
  const [a, b] = link()
  b.on('data', (frame: Buffer) => frame.fill(0))
  const buffer = Buffer.from('kept')
  a.write(buffer)
  await idle()
  expect(buffer.toString()).toBe('kept')
})

test('a paused reader stops the writer, which goes on when the reader does', async () => {
  const [a, b] = link()
  const frame = Buffer.alloc(1024)
  let sent = 0
  let drained = true
  a.on('drain', () => {
    drained = true
  })
  while (drained && sent < 1000) {
    drained = false
    do sent++
    while (a.write(frame))
    await idle()
  }
  expect(sent * frame.length).toBeLessThanOrEqual(4 * HIGH_WATER_MARK)

  let read = 0
  b.on('data', () => read++)
  await once(a, 'drain')
  await idle()
  expect(read).toBe(sent)
})

test('an end in one direction leaves the other open', async () => {
  const [a, b] = link()
  const order: string[] = []
  b.on('data', (frame: Buffer) => order.push(frame.toString()))
  b.on('end', () => order.push('end'))
  a.on('data', (frame: Buffer) => order.push(frame.toString()))
  a.write(Buffer.from('last words'))
  a.end()
  await idle()
  expect(order).toEqual(['last words', 'end'])

  b.write(Buffer.from('still here'))
  await idle()
  expect(order).toEqual(['last words', 'end', 'still here'])

  const closed = Promise.all([once(a, 'close'), once(b, 'close')])
  a.on('end', () => order.push('end'))
  b.end()
  await closed
  expect(order.at(-1)).toBe('end')
})

test('a destroy of one end closes the other, without an error', async () => {
  const [a, b] = link()
  const closed = Promise.all([once(a, 'close'), once(b, 'close')])
  a.destroy()
  expect(b.destroying).toBe(false)
  await closed
})

test('after a destroy with an error the other end sees a reset, and not the error itself', async () => {
  const [a, b] = link()
  const own = new Error('a secret of ours')
  const errors = Promise.all([once(a, 'error'), once(b, 'error')])
  a.destroy(own)
  const [[ours], [theirs]] = await errors
  expect(ours).toBe(own)
  expect(theirs).toMatchObject({ code: 'ECONNRESET' })
  expect(theirs.message).not.toContain('secret')
  expect([a.destroyed, b.destroyed]).toEqual([true, true])
})

test.each(['writer', 'reader'])(
  'a writer that waits for its reader closes when the %s is destroyed',
  async (who) => {
    const [a, b] = link()
    a.write(Buffer.alloc(HIGH_WATER_MARK))
    a.write(Buffer.alloc(HIGH_WATER_MARK))
    await idle()
    const closed = Promise.all([once(a, 'close'), once(b, 'close')])
    if (who === 'writer') a.destroy()
    else b.destroy()
    await closed
  }
)

test('frames that left before a destroy are read before the close', async () => {
  const [a, b] = link()
  const order: string[] = []
  b.on('data', (frame: Buffer) => order.push(frame.toString()))
  b.on('end', () => order.push('end'))
  b.on('close', () => order.push('close'))
  await idle()
  a.write(Buffer.from('last words'))
  a.end()
  a.on('finish', () => a.destroy())
  await once(b, 'close')
  expect(order).toEqual(['last words', 'end', 'close'])
})

test('an empty frame arrives as an empty frame', async () => {
  const [a, b] = link()
  const read = frames(b)
  for (const word of ['', 'one', '']) {
    a.write(Buffer.from(word))
    await idle()
  }
  expect(read).toEqual(['', 'one', ''])
})
