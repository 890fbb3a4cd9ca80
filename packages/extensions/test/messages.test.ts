import { string, uint } from 'compact-encoding'
import { expect, test } from 'vitest'
import { type Codec, Extensions } from '../src/index.js'
import { Inbox, Peer, streams, Two } from './support.js'

test('a message arrives, with the peer that sent it', async () => {
  const two = new Two()
  try {
    two.connect()
    const inbox = new Inbox<[string, Peer]>()
    two.B.register('chat', { encoding: 'utf8', onmessage: (...args) => inbox.push(args) })
    const chat = two.A.register('chat', { encoding: 'utf8' })
    expect(chat.send('hello', two.b)).toBe(true)
    expect(await inbox.next()).toEqual(['hello', two.a])
    expect(chat.name).toBe('chat')
  } finally {
    two.close()
  }
})

test('what is sent in the tick of attach arrives, before the handshake is done', async () => {
  const [a, b] = streams()
  const inbox = new Inbox<string>()
  const A = new Extensions<Peer>()
  const B = new Extensions<Peer>()
  try {
    const peer = new Peer('b')
    B.register('chat', { encoding: 'utf8', onmessage: inbox.push })
    const chat = A.register('chat', { encoding: 'utf8' })
    A.attach(a, peer)
    chat.send('first', peer)
    A.register('late', { encoding: 'utf8' }).send('nobody has it', peer)
    chat.send('second', peer)
    B.attach(b, new Peer('a'))
    expect(await inbox.take(2)).toEqual(['first', 'second'])
  } finally {
    for (const one of [A, B]) one.destroy()
    for (const stream of [a, b]) stream.destroy()
  }
})

test('binary is the default, and carries any bytes', async () => {
  const two = new Two()
  try {
    two.connect()
    const inbox = new Inbox<Uint8Array>()
    two.B.register('bytes', { onmessage: inbox.push })
    const bytes = two.A.register('bytes')
    for (const sent of [Buffer.of(0, 255, 128), new Uint8Array(), new Uint8Array(100_000).fill(7)]) {
      bytes.send(sent, two.b)
      expect(Buffer.compare(await inbox.next(), sent)).toBe(0)
    }
  } finally {
    two.close()
  }
})

test('a message is copied when it is sent: the sender may write over it', async () => {
  const two = new Two()
  try {
    two.connect()
    const inbox = new Inbox<Uint8Array>()
    two.B.register('bytes', { onmessage: inbox.push })
    const sent = Buffer.from('before')
    two.A.register('bytes').send(sent, two.b)
    sent.fill(0)
    expect(Buffer.from(await inbox.next()).toString()).toBe('before')
  } finally {
    two.close()
  }
})

test.each(['', 'grüße', '\u{1f600}', '\ufeffmark'])('utf8 carries %j', async (text) => {
  const two = new Two()
  try {
    two.connect()
    const inbox = new Inbox<string>()
    two.B.register('text', { encoding: 'utf8', onmessage: inbox.push })
    two.A.register('text', { encoding: 'utf8' }).send(text, two.b)
    expect(await inbox.next()).toBe(text)
  } finally {
    two.close()
  }
})

test.each([[null], [1], ['text'], [{ deep: [{ er: true }] }]])('json carries %j', async (value) => {
  const two = new Two()
  try {
    two.connect()
    const inbox = new Inbox<unknown>()
    two.B.register('json', { encoding: 'json', onmessage: inbox.push })
    two.A.register('json', { encoding: 'json' }).send(value, two.b)
    expect(await inbox.next()).toEqual(value)
  } finally {
    two.close()
  }
})

test('a codec of compact-encoding carries its type', async () => {
  const two = new Two()
  try {
    two.connect()
    const numbers = new Inbox<number>()
    const strings = new Inbox<string>()
    two.B.register('numbers', { encoding: uint, onmessage: numbers.push })
    two.B.register('strings', { encoding: string, onmessage: strings.push })
    two.A.register('numbers', { encoding: uint }).send(70_000, two.b)
    two.A.register('strings', { encoding: string }).send('by codec', two.b)
    expect(await numbers.next()).toBe(70_000)
    expect(await strings.next()).toBe('by codec')
  } finally {
    two.close()
  }
})

test('a codec sees one message only, also when many arrive in one frame', async () => {
  const two = new Two()
  try {
    const { a } = two.connect()
    const rest: Codec<string> = {
      preencode: (state, text) => {
        state.end += text.length
      },
      encode: (state, text) => {
        state.start += Buffer.from(state.buffer!.buffer, state.buffer!.byteOffset).write(text, state.start)
      },
      // Reads to the end of the buffer, not to state.end, as several codecs of compact-encoding do.
      decode: (state) => Buffer.from(state.buffer!.subarray(state.start)).toString()
    }
    const inbox = new Inbox<string>()
    two.B.register('rest', { encoding: rest, onmessage: inbox.push })
    const ext = two.A.register('rest', { encoding: rest })
    const mux = a.userData as { cork(): void; uncork(): void }
    mux.cork()
    for (const text of ['one', 'two', 'three']) ext.send(text, two.b)
    mux.uncork()
    expect(await inbox.take(3)).toEqual(['one', 'two', 'three'])
  } finally {
    two.close()
  }
})

test('a codec that asks for more bytes than it writes does not send what the memory held', async () => {
  const two = new Two()
  try {
    two.connect()
    const inbox = new Inbox<Uint8Array>()
    two.B.register('greedy', { onmessage: inbox.push })
    const greedy: Codec<number> = {
      preencode: (state) => {
        state.end += 1000
      },
      encode: (state, byte) => {
        state.buffer![state.start++] = byte
      },
      decode: () => 0
    }
    two.A.register('greedy', { encoding: greedy }).send(5, two.b)
    expect([...(await inbox.next())]).toEqual([5])
  } finally {
    two.close()
  }
})

test('a broadcast reaches every peer, and is encoded once', async () => {
  const A = new Extensions<Peer>()
  const others: Extensions<Peer>[] = []
  const all: { destroy(): void }[] = [A]
  try {
    let encoded = 0
    const counting: Codec<string> = {
      ...string,
      encode: (state, text) => {
        encoded++
        string.encode(state, text)
      }
    }
    const inbox = new Inbox<string>()
    for (const name of ['b', 'c', 'd']) {
      const [a, b] = streams()
      const B = new Extensions<Peer>()
      B.register('news', { encoding: string, onmessage: (text) => inbox.push(`${name}: ${text}`) })
      A.attach(a, new Peer(name))
      B.attach(b, new Peer('a'))
      others.push(B)
      all.push(B, a, b)
    }
    A.register('news', { encoding: counting }).broadcast('extra')
    expect((await inbox.take(3)).sort()).toEqual(['b: extra', 'c: extra', 'd: extra'])
    expect(encoded).toBe(1)
  } finally {
    for (const one of all) one.destroy()
  }
})

test('a broadcast arrives where the remote has not yet announced the name, if it registered it', async () => {
  const two = new Two()
  try {
    const inbox = new Inbox<string>()
    const news = two.A.register('news', { encoding: 'utf8' })
    two.B.register('news', { encoding: 'utf8', onmessage: inbox.push })
    two.connect()
    expect(news.peers.size).toBe(0)
    news.broadcast('early')
    expect(await inbox.next()).toBe('early')
  } finally {
    two.close()
  }
})

test('a name that the remote registers late gets what is sent from then on; before, messages are ignored', async () => {
  const two = new Two()
  try {
    two.connect()
    const chat = two.A.register('chat', { encoding: 'utf8' })
    expect(chat.send('too early', two.b)).toBe(true)
    await two.flushed()
    const inbox = new Inbox<string>()
    const opened = new Inbox<Peer>()
    two.B.register('chat', { encoding: 'utf8', onmessage: inbox.push, onopen: opened.push })
    expect(await opened.next()).toBe(two.a)
    chat.send('in time', two.b)
    expect(await inbox.next()).toBe('in time')
    expect(two.faults.all).toEqual([])
  } finally {
    two.close()
  }
})

test('one name registered twice: each message goes once to the first; when it is destroyed the next takes over', async () => {
  const two = new Two()
  try {
    two.connect()
    const inbox = new Inbox<string>()
    const first = two.B.register('x', { encoding: 'utf8', onmessage: (text) => inbox.push(`first ${text}`) })
    two.B.register('x', { encoding: 'utf8', onmessage: (text) => inbox.push(`second ${text}`) })
    const x = two.A.register('x', { encoding: 'utf8' })
    x.send('1', two.b)
    x.send('2', two.b)
    await two.flushed()
    expect(inbox.all).toEqual(['first 1', 'first 2'])
    first.destroy()
    x.send('3', two.b)
    await two.flushed()
    expect(inbox.all).toEqual(['first 1', 'first 2', 'second 3'])
  } finally {
    two.close()
  }
})

test('both registrations of a name can send, the later one after the first was destroyed', async () => {
  const two = new Two()
  try {
    two.connect()
    const inbox = new Inbox<string>()
    two.B.register('x', { encoding: 'utf8', onmessage: inbox.push })
    const first = two.A.register('x', { encoding: 'utf8' })
    const second = two.A.register('x', { encoding: 'utf8' })
    first.send('by first', two.b)
    second.send('by second', two.b)
    first.destroy()
    second.send('still', two.b)
    expect(await inbox.take(3)).toEqual(['by first', 'by second', 'still'])
  } finally {
    two.close()
  }
})

test('destroying an extension loses no message of another, and none that it had sent itself', async () => {
  const two = new Two()
  try {
    two.connect()
    const inbox = new Inbox<string>()
    two.B.register('goes', { encoding: 'utf8', onmessage: (text) => inbox.push(`goes ${text}`) })
    two.B.register('stays', { encoding: 'utf8', onmessage: (text) => inbox.push(`stays ${text}`) })
    const goes = two.A.register('goes', { encoding: 'utf8' })
    const stays = two.A.register('stays', { encoding: 'utf8' })
    stays.send('1', two.b)
    goes.send('1', two.b)
    goes.destroy()
    stays.send('2', two.b)
    expect(await inbox.take(3)).toEqual(['stays 1', 'goes 1', 'stays 2'])
  } finally {
    two.close()
  }
})

test('a destroyed extension gets nothing more, also from peers that come later', async () => {
  const two = new Two()
  try {
    const opened = new Inbox<Peer>()
    const inbox = new Inbox<unknown>()
    const gone = two.B.register('x', { onmessage: inbox.push, onopen: opened.push, onclose: opened.push })
    gone.destroy()
    two.connect()
    const x = two.A.register('x')
    x.send(Buffer.from('anyone?'), two.b)
    await two.flushed()
    expect([inbox.all, opened.all, [...gone.peers], [...x.peers]]).toEqual([[], [], [], []])
  } finally {
    two.close()
  }
})

test('a name that was destroyed can be registered again, and works without a round trip', async () => {
  const two = new Two()
  try {
    two.connect()
    const inbox = new Inbox<string>()
    two.B.register('x', { encoding: 'utf8', onmessage: inbox.push })
    two.A.register('x', { encoding: 'utf8' }).destroy()
    two.A.register('x', { encoding: 'utf8' }).send('again', two.b)
    expect(await inbox.next()).toBe('again')
  } finally {
    two.close()
  }
})

test('a handler may send back, and a handler made with its extension has it at hand', async () => {
  const two = new Two()
  try {
    two.connect()
    const inbox = new Inbox<string>()
    two.B.register('echo', (ext) => ({
      encoding: 'utf8',
      onmessage: (text, peer) => ext.send(`${text}!`, peer)
    }))
    two.A.register('echo', { encoding: 'utf8', onmessage: inbox.push }).send('hey', two.b)
    expect(await inbox.next()).toBe('hey!')
  } finally {
    two.close()
  }
})

test('handlers may carry their name, and awaiting an extension is harmless', async () => {
  const two = new Two()
  try {
    two.connect()
    const inbox = new Inbox<string>()
    two.B.register({ name: 'named', encoding: 'utf8', onmessage: inbox.push })
    const named = await two.A.register({ name: 'named', encoding: 'utf8' })
    named.send('works', two.b)
    expect(await inbox.next()).toBe('works')
  } finally {
    two.close()
  }
})
