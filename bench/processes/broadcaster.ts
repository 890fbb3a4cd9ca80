// A networker and its peers on the memory network, all in this process. The networker sends JSON to all its peers.
import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { type Extension, Networker, type Peer } from '@basestore/networker'
import { MemoryNetwork } from '@basestore/transport-memory'
import { raw as bytes, json } from 'compact-encoding'
import Protomux from 'protomux'
import { NO_CORES } from '../contenders/ours/no-cores.js'
import { serve, usage } from '../harness/serve.js'

const NAME = 'broadcast'

/** How one message gets to all peers: `ours` is an extension's `broadcast`, `raw` one Protomux channel after another. */
export type Way = 'ours' | 'raw'

export interface Sent {
  /** Messages a second, from the first send to the arrival of the last message at the last peer. */
  readonly rate: number
  /** CPU time for each message to each peer (µs), with both ends, since they share this process. */
  readonly cpu: number
  /** How often each message was encoded as JSON. */
  readonly encodings: number
}

let networkers: Networker[] = []
let ways: Record<Way, (message: unknown) => void>
/** The messages that each peer got, by the peer's number. They are looked at when all are there. */
let inboxes: Uint8Array[][] = []
let missing = 0
let oncomplete = () => {}

const handlers = {
  /** Connects so many peers, and closes those of the last call. */
  async connect(count: number): Promise<void> {
    await Promise.all(networkers.map((networker) => networker.close()))
    const network = new MemoryNetwork()
    networkers = Array.from({ length: count + 1 }, () => {
      return new Networker(NO_CORES, { transports: [network.transport()] })
    })
    const [sender, ...receivers] = networkers as [Networker, ...Networker[]]
    await sender.listen()
    const extension: Extension<Peer, unknown> = sender.registerExtension(NAME, { encoding: 'json' })
    const channels: Protomux.Message<unknown>[] = []
    sender.on('peer-add', ({ stream }) => channels.push(openChannel(stream)))
    inboxes = receivers.map(() => [])
    for (const [number, receiver] of receivers.entries()) {
      receiver.registerExtension(NAME, { onmessage: (message) => receive(number, message) })
      receiver.on('peer-add', ({ stream }) => openChannel(stream, (message) => receive(number, message)))
      await receiver.connect(sender.keyPair.publicKey)
    }
    ways = {
      ours: (message) => extension.broadcast(message),
      raw(message) {
        for (const channel of channels) channel.send(message)
      }
    }
    while (extension.peers.size < count) await setImmediate()
  },

  /** Sends messages in bursts, each burst in one turn of the event loop. @param size bytes of a message in JSON */
  async broadcast(way: Way, bursts: number, perBurst: number, size: number): Promise<Sent> {
    let encodings = 0
    const bodies = Array.from({ length: bursts * perBurst }, (_, number) => bodyOf(number, size))
    const messages = bodies.map((body) => ({
      toJSON() {
        encodings++
        return body
      }
    }))
    inboxes = inboxes.map(() => [])
    missing = messages.length * inboxes.length
    const complete = new Promise<void>((resolve) => {
      oncomplete = resolve
    })
    const { cpu } = usage()
    const start = performance.now()
    for (let next = 0; next < messages.length; ) {
      for (const end = next + perBurst; next < end; next++) ways[way](messages[next])
      await setImmediate()
    }
    await complete
    const seconds = (performance.now() - start) / 1_000
    const spent = usage().cpu - cpu
    verify(way, bodies, size)
    return {
      rate: messages.length / seconds,
      cpu: (spent / messages.length / inboxes.length) * 1e6,
      encodings: encodings / messages.length
    }
  }
}

export type BroadcasterHandlers = typeof handlers

serve(handlers)

function openChannel(stream: unknown, onmessage = (_: Uint8Array) => {}): Protomux.Message<unknown> {
  const channel = Protomux.from(stream).createChannel({ protocol: NAME })!
  const encoding = { ...json, decode: bytes.decode } as Protomux.Encoder<unknown>
  const message = channel.addMessage({ encoding, onmessage: onmessage as (message: unknown) => void })
  channel.open()
  return message
}

function receive(number: number, message: Uint8Array): void {
  inboxes[number]!.push(message)
  if (--missing === 0) oncomplete()
}

/** Makes what a chat, a game or a sensor would send: names, numbers, a text. */
function bodyOf(number: number, size: number): object {
  const body = { number, at: 1_790_000_000_000, position: [0.25, -17.5, 3], tags: ['a', 'b'], text: '' }
  return { ...body, text: 'm'.repeat(size - JSON.stringify(body).length) }
}

/** @throws Error when a peer did not get the JSON of all messages in their order */
function verify(way: Way, bodies: readonly object[], size: number): void {
  const hash = (parts: Iterable<string | Uint8Array>) => {
    const sha256 = createHash('sha256')
    for (const part of parts) sha256.update(part)
    return sha256.digest('hex')
  }
  const expected = hash(bodies.map((body) => JSON.stringify(body)))
  for (const inbox of inboxes) {
    // The codec of raw writes the length before the JSON.
    const messages = inbox.map((message) => message.subarray(way === 'raw' ? message.byteLength - size : 0))
    if (inbox.length !== bodies.length || hash(messages) !== expected)
      throw new Error(`${way}: other messages came`)
  }
}
