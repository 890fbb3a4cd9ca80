// A peer in a process of its own that sends messages to its only other, and takes what comes: ours, or raw.
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import Corestore from 'corestore'
import { ours } from '../contenders/ours/swarm-peer.js'
import { channelSender, extensionSender, type Sender, sendInBursts } from '../contenders/raw/sender.js'
import { raw } from '../contenders/raw/swarm-peer.js'
import type { OpenOptions, SwarmPeer } from '../contenders/swarm-peer.js'
import { enterDht } from '../harness/dht.js'
import { fail, serve } from '../harness/serve.js'
import { Inbox } from './shared/inbox.js'
import { now, numberedMessages } from './shared/numbered-messages.js'

const NAME = 'messages'

let peer: SwarmPeer
let sender: Sender
let onconnect = () => {}
const inbox = new Inbox()
let echoes = false

const connected = new Promise<void>((resolve) => {
  onconnect = resolve
})

const handlers = {
  /** Opens the store and enters the DHT. */
  async open({ contender, bootstrap, directory }: OpenOptions<'ours' | 'raw' | '1.x'>): Promise<void> {
    const store = new Corestore(await mkdtemp(join(directory, `${contender}-`)))
    await store.ready()
    const dht = await enterDht(bootstrap)
    peer = contender === 'ours' ? withExtension(ours(store, dht)) : withChannel(raw(store, dht))
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
    inbox.expect(messages, size)
    echoes = echo
  },

  /** Sends one burst after the other, each in one turn of the event loop. @returns when it began */
  async burst(bursts: number, perBurst: number, size: number): Promise<number> {
    const messages = numberedMessages(bursts * perBurst, size)
    const start = now()
    await sendInBursts(sender, messages, perBurst)
    return start
  },

  /** Sends each when the one before has come back. @returns ms of each */
  async roundTrips(trips: number, size: number): Promise<number[]> {
    const times: number[] = []
    for (const message of numberedMessages(trips, size)) {
      inbox.expect(1, size)
      const start = now()
      sender.send(message)
      times.push((await inbox.complete()) - start)
      if (!inbox.holds(message)) throw new Error('another message came back')
    }
    return times
  },

  /** Resolves when all is there. @returns when the last came, and the SHA-256 of them all in their order */
  async received(): Promise<{ at: number; hash: string }> {
    const at = await inbox.complete()
    return { at, hash: inbox.hash }
  }
}

export type MessengerHandlers = typeof handlers

serve(handlers)

function withExtension(peer: ReturnType<typeof ours>): SwarmPeer {
  const { networker } = peer
  const extension = networker.registerExtension(NAME, { onmessage: receive })
  // A message that was refused would be waited for in vain.
  networker.on('fault', fail)
  networker.once('peer-add', (other) => {
    sender = extensionSender(extension, other)
    onconnect()
  })
  return peer
}

function withChannel(peer: SwarmPeer): SwarmPeer {
  peer.onconnection((connection) => {
    sender = channelSender(connection, NAME, receive)
    onconnect()
  })
  return peer
}

function receive(message: Uint8Array): void {
  if (echoes) sender.send(message)
  inbox.receive(message)
}
