// A peer in a process of its own that sends messages to its only other, and takes what comes: ours, or raw.
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { raw as bytes } from 'compact-encoding'
import Corestore from 'corestore'
import HyperDHT from 'hyperdht'
import Protomux from 'protomux'
import { serve } from '../src/serve.js'
import { hashOf, now, numberedMessages } from './numbered-messages.js'
import { ours } from './ours.js'
import { raw } from './raw.js'
import type { SwarmPeer } from './swarm-peer.js'

const NAME = 'messages'

export interface OpenOptions {
  readonly contender: 'ours' | 'raw'
  readonly bootstrap: readonly { host: string; port: number }[]
  /** Where it makes a folder for its store. */
  readonly directory: string
}

let store: Corestore
let dht: HyperDHT
let peer: SwarmPeer
let send: (message: Uint8Array) => void
let onconnect = () => {}
/** Takes what comes, one after the other. Nothing else is done with it until all of it is there. */
let inbox = new Uint8Array()
let filled = 0
let count = 0
let awaited = 0
let echoes = false
let oncomplete = (_at: number) => {}
let completed: Promise<number>

const connected = new Promise<void>((resolve) => {
  onconnect = resolve
})

const handlers = {
  /** Opens the store and enters the DHT. */
  async open({ contender, bootstrap, directory }: OpenOptions): Promise<void> {
    store = new Corestore(await mkdtemp(join(directory, `${contender}-`)))
    await store.ready()
    dht = new HyperDHT({ bootstrap: [...bootstrap], host: bootstrap[0]!.host })
    await dht.fullyBootstrapped()
    if (contender === 'ours') openExtension()
    else openChannel()
  },

  async announce(topic: Uint8Array): Promise<void> {
    await peer.join(topic, { announce: true, lookup: false, flush: true })
  },

  /** Resolves when the other one is connected. */
  async lookup(topic: Uint8Array): Promise<void> {
    void peer.join(topic, { announce: false, lookup: true, flush: false })
    await connected
  },

  /** What comes from now on counts, and is sent back if it is to be. */
  expect(messages: number, size: number, echo: boolean): void {
    inbox = new Uint8Array(messages * size)
    filled = 0
    count = 0
    awaited = messages
    echoes = echo
    completed = new Promise((resolve) => {
      oncomplete = resolve
    })
  },

  /** Sends one burst after the other, each in one turn of the event loop. @returns when it began */
  async burst(bursts: number, perBurst: number, size: number): Promise<number> {
    const messages = numberedMessages(bursts * perBurst, size)
    const start = now()
    for (let next = 0; next < messages.length; ) {
      for (const end = next + perBurst; next < end; next++) send(messages[next]!)
      await setImmediate()
    }
    return start
  },

  /** Sends each when the one before has come back. @returns ms of each */
  async roundTrips(trips: number, size: number): Promise<number[]> {
    const times: number[] = []
    for (const message of numberedMessages(trips, size)) {
      handlers.expect(1, size, false)
      const start = now()
      send(message)
      times.push((await completed) - start)
      if (!message.equals(inbox)) throw new Error('another message came back')
    }
    return times
  },

  /** Resolves when all is there. @returns when the last came, how many, and the SHA-256 of them all in their order */
  async received(): Promise<{ at: number; count: number; hash: string }> {
    const at = await completed
    return { at, count, hash: hashOf(inbox) }
  },

  async close(): Promise<void> {
    await peer.close()
    await dht.destroy()
    await store.close()
  }
}

export type MessengerHandlers = typeof handlers

serve(handlers)

function openExtension(): void {
  const own = ours(store, dht)
  const extension = own.networker.registerExtension(NAME, { onmessage: receive })
  own.networker.on('fault', fail)
  own.networker.once('peer-add', (other) => {
    send = (message) => extension.send(message, other)
    onconnect()
  })
  peer = own
}

/** A message that was refused would be waited for in vain. */
function fail(error: unknown): never {
  throw error
}

function openChannel(): void {
  peer = raw(store, dht)
  peer.onconnection((connection) => {
    const channel = Protomux.from(connection).createChannel({ protocol: NAME })!
    const type = channel.addMessage({ encoding: bytes, onmessage: receive })
    channel.open()
    send = (message) => type.send(message)
    onconnect()
  })
}

function receive(message: Uint8Array): void {
  if (echoes) send(message)
  inbox.set(message, filled)
  filled += message.byteLength
  if (++count === awaited) oncomplete(now())
}
