import { spawn } from 'node:child_process'
import { once } from 'node:events'
import Protomux from 'protomux'
import { expect, test } from 'vitest'
import { Extensions } from '../src/index.js'
import { guardBatches } from '../src/mux-guard.js'
import { closed, Inbox, Peer, streams, Two } from './support.js'

/** A frame of batches within batches: channel 0, type 0; in each the channel, a length and the type again. */
function nested(depth: number): Uint8Array {
  const level = Buffer.of(0, 0xfd, 0xff, 0xff, 0)
  return Buffer.concat([Buffer.of(0, 0), ...Array<Buffer>(depth).fill(level)])
}

test('Protomux has the method that the guard stands before, and ends the process without it', async () => {
  const program = `
    const Protomux = require('protomux')
    const { Duplex } = require('streamx')
    const stream = new Duplex()
    stream.userData = null
    new Protomux(stream)
    stream.on('close', () => console.log('closed in peace'))
    stream.push(Buffer.from('${Buffer.from(nested(5000)).toString('base64')}', 'base64'))`
  expect(Protomux.prototype).toHaveProperty('_onbatch', expect.any(Function))
  const child = spawn(process.execPath, ['-e', program], { cwd: import.meta.dirname })
  const output: string[] = []
  for (const pipe of [child.stdout, child.stderr]) pipe.on('data', (data) => output.push(String(data)))
  const [code] = await once(child, 'close')
  expect(output.join('')).toMatch(/RangeError: Maximum call stack size exceeded/)
  expect(code).not.toBe(0)
})

test('a frame of nested batches ends its stream, and nothing else', async () => {
  const two = new Two()
  const [a, b] = streams()
  try {
    two.connect()
    const errors = new Inbox<Error>()
    b.on('error', errors.push)
    two.B.attach(b, two.a)
    a.write(nested(5000))
    expect(await errors.next()).toMatchObject({
      code: 'MALFORMED_MESSAGE',
      message: expect.stringMatching(/nested more than 16 batches/)
    })
    await closed(b)
    await two.flushed()
  } finally {
    two.close()
    for (const stream of [a, b]) stream.destroy()
  }
})

test('batches that are not nested pass, after a refused one of another stream too', async () => {
  const two = new Two()
  try {
    const { a } = two.connect()
    const inbox = new Inbox<string>()
    two.B.register('x', { encoding: 'utf8', onmessage: inbox.push })
    const x = two.A.register('x', { encoding: 'utf8' })
    const mux = Protomux.from(a)
    for (let batch = 0; batch < 20; batch++) {
      mux.cork()
      for (const text of ['one', 'two']) x.send(text, two.b)
      mux.uncork()
    }
    expect((await inbox.take(40)).length).toBe(40)
  } finally {
    two.close()
  }
})

test('a mux is guarded once, and as soon as the stream is attached', () => {
  const [a, b] = streams()
  const A = new Extensions<Peer>()
  try {
    const onbatch = () => (Protomux.from(a) as unknown as { _onbatch: unknown })._onbatch
    const bare = onbatch()
    A.attach(a, new Peer('b'))
    const guarded = onbatch()
    expect(guarded).not.toBe(bare)
    guardBatches(Protomux.from(a))
    expect(onbatch()).toBe(guarded)
  } finally {
    for (const one of [A, a, b]) one.destroy()
  }
})
