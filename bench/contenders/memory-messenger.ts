// Two peers in this process, connected in memory: what messages cost where no socket carries them.
import { setImmediate } from 'node:timers/promises'
import { Networker } from '@basestore/networker'
import { MemoryNetwork } from '@basestore/transport-memory'
import { raw as bytes } from 'compact-encoding'
import Protomux from 'protomux'
import { serve } from '../src/serve.js'
import { hashOf, numberedMessages } from './numbered-messages.js'

const NAME = 'messages'
/** No cores in these. */
const STORE = { replicate() {} }

let send: Record<'ours' | 'raw', (message: Uint8Array) => void>
let inbox: Uint8Array[] = []

const handlers = {
  /** Connects the two, with an extension and with a Protomux channel on the same stream. */
  async open(): Promise<void> {
    const network = new MemoryNetwork()
    const [here, there] = [network, network].map((one) => {
      return new Networker(STORE, { transports: [one.transport()] })
    }) as [Networker, Networker]
    await there.listen()
    there.registerExtension(NAME, { onmessage: receive })
    const extension = here.registerExtension(NAME)
    there.on('peer-add', ({ stream }) => openChannel(stream))
    const peer = await here.connect(there.keyPair.publicKey)
    const channel = openChannel(peer.stream)
    while (!extension.peers.has(peer)) await setImmediate()
    send = {
      ours: (message) => extension.send(message, peer),
      raw: (message) => channel.send(message)
    }
  },

  /** Sends bursts, each in one turn of the event loop. @returns messages a second until the last has come */
  async burst(way: 'ours' | 'raw', bursts: number, perBurst: number, size: number): Promise<number> {
    const messages = numberedMessages(bursts * perBurst, size)
    inbox = []
    const start = performance.now()
    for (let next = 0; next < messages.length; ) {
      for (const end = next + perBurst; next < end; next++) send[way](messages[next]!)
      await setImmediate()
    }
    while (inbox.length < messages.length) await setImmediate()
    const seconds = (performance.now() - start) / 1_000
    if (hashOf(Buffer.concat(inbox)) !== hashOf(Buffer.concat(messages)))
      throw new Error('other messages came')
    return messages.length / seconds
  }
}

export type MemoryMessengerHandlers = typeof handlers

serve(handlers)

function openChannel(stream: unknown): Protomux.Message<Uint8Array> {
  const channel = Protomux.from(stream).createChannel({ protocol: NAME })!
  const message = channel.addMessage({ encoding: bytes, onmessage: receive })
  channel.open()
  return message
}

function receive(message: Uint8Array): void {
  inbox.push(message)
}
