// A process of 1.x that sends messages to one peer, and takes what that peer sends. Answers as processes/messenger.ts does.
const { createHash } = require('node:crypto')
const { once } = require('node:events')
const Corestore = require('corestore')
const randomAccessMemory = require('random-access-memory')
const openNetworker = require('./networker.cjs')
const serve = require('./serve.cjs')

let networker
let extension
let echoes = false
let inbox = Buffer.alloc(0)
let filled = 0
let complete
let completed

serve({
  async open({ bootstrap }) {
    const store = new Corestore(randomAccessMemory)
    await store.ready()
    networker = await openNetworker(store, bootstrap)
    extension = networker.registerExtension('messages', {
      encoding: 'binary',
      onmessage: receive,
      onerror: fail
    })
  },

  announce: (topic) => networker.configure(topic, { announce: true, lookup: false, flush: true }),

  async lookup(topic) {
    networker.configure(topic, { announce: false, lookup: true, flush: false })
    if (networker.peers.size === 0) await once(networker, 'peer-add')
  },

  expect(messages, size, echo) {
    expect(messages * size)
    echoes = echo
  },

  // 1.x never signals backpressure, so nothing waits here.
  async burst(bursts, perBurst, size) {
    const peer = onlyPeer()
    const messages = numberedMessages(bursts * perBurst, size)
    const start = now()
    for (let next = 0; next < messages.length; ) {
      for (const end = next + perBurst; next < end; next++) extension.send(messages[next], peer)
      await new Promise(setImmediate)
    }
    return start
  },

  async roundTrips(trips, size) {
    const peer = onlyPeer()
    const times = []
    for (const message of numberedMessages(trips, size)) {
      expect(size)
      const start = now()
      extension.send(message, peer)
      times.push((await completed) - start)
      if (!message.equals(inbox)) throw new Error('another message came back')
    }
    return times
  },

  async received() {
    const at = await completed
    return { at, hash: createHash('sha256').update(inbox).digest('hex') }
  }
})

function expect(bytes) {
  inbox = Buffer.alloc(bytes)
  filled = 0
  completed = new Promise((resolve) => {
    complete = resolve
  })
}

function receive(message, peer) {
  if (echoes) extension.send(message, peer)
  filled += message.copy(inbox, filled)
  if (filled === inbox.length) complete(now())
}

// Thrown in a later tick: the caller would catch it here.
function fail(error) {
  process.nextTick(() => {
    throw error
  })
}

function onlyPeer() {
  const [peer] = networker.peers
  return peer
}

// Makes the same messages as processes/shared/numbered-messages.ts, since their hashes are compared.
function numberedMessages(count, size) {
  const all = Buffer.alloc(count * size, 'm')
  return Array.from({ length: count }, (_, number) => {
    const message = all.subarray(number * size, (number + 1) * size)
    message.writeUInt32LE(number, 0)
    return message
  })
}

function now() {
  return Number(process.hrtime.bigint()) / 1e6
}
