// A process that sends messages to one peer, and takes what that peer sends: ours, or raw.
import { ourSender } from '../contenders/ours/sender.js'
import { ourPeer } from '../contenders/ours/swarm-peer.js'
import { rawSender } from '../contenders/raw/sender.js'
import { rawPeer } from '../contenders/raw/swarm-peer.js'
import type { Sender } from '../contenders/sender.js'
import type { OpenOptions, SwarmPeer } from '../contenders/swarm-peer.js'
import { enterDht } from '../harness/dht.js'
import { openStore } from '../harness/open-store.js'
import { fail, serve } from '../harness/serve.js'
import { Inbox } from './shared/inbox.js'
import { now, numberedMessages } from './shared/numbered-messages.js'
import { sendInBursts } from './shared/send-in-bursts.js'

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
    const store = await openStore(directory, contender)
    const dht = await enterDht(bootstrap)
    peer = contender === 'ours' ? withExtension(ourPeer(store, dht)) : withChannel(rawPeer(store, dht))
  },

  async announce(topic: Uint8Array): Promise<void> {
    await peer.join(topic, { announce: true, lookup: false, flush: true })
  },

  /** Resolves when the other peer is connected. */
  async lookup(topic: Uint8Array): Promise<void> {
    void peer.join(topic, { announce: false, lookup: true, flush: false })
    await connected
  },

  /** Empties the inbox. @param echo whether each message is sent back */
  expect(messages: number, size: number, echo: boolean): void {
    inbox.expect(messages, size)
    echoes = echo
  },

  /** Sends one burst after another, each in one turn of the event loop. @returns when it began */
  async burst(bursts: number, perBurst: number, size: number): Promise<number> {
    const messages = numberedMessages(bursts * perBurst, size)
    const start = now()
    await sendInBursts(sender, messages, perBurst)
    return start
  },

  /** Sends messages, each when the one before has come back. @returns the time of each (ms) */
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

  /** Resolves when all is there. @returns when the last message came, and the SHA-256 of them all in their order */
  async received(): Promise<{ at: number; hash: string }> {
    const at = await inbox.complete()
    return { at, hash: inbox.hash }
  }
}

export type MessengerHandlers = typeof handlers

serve(handlers)

function withExtension(peer: ReturnType<typeof ourPeer>): SwarmPeer {
  const { networker } = peer
  const extension = networker.registerExtension(NAME, { onmessage: receive })
  // A refused message is such a fault. Without this line the benchmark would wait for it for ever.
  networker.on('fault', fail)
  networker.once('peer-add', (other) => {
    sender = ourSender(extension, other)
    onconnect()
  })
  return peer
}

function withChannel(peer: SwarmPeer): SwarmPeer {
  peer.onconnection((connection) => {
    sender = rawSender(connection, NAME, receive)
    onconnect()
  })
  return peer
}

function receive(message: Uint8Array): void {
  if (echoes) sender.send(message)
  inbox.receive(message)
}
