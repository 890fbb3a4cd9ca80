// Two peers in this process, connected in memory: what messages cost where no socket carries them.
import { Networker } from '@basestore/networker'
import { MemoryNetwork } from '@basestore/transport-memory'
import { channelSender, extensionSender, type Sender, sendInBursts } from '../contenders/raw/sender.js'
import { fail, serve } from '../harness/serve.js'
import { Inbox } from './shared/inbox.js'
import { hashOf, now, numberedMessages } from './shared/numbered-messages.js'

const NAME = 'messages'
/** No cores in these. */
const STORE = { replicate() {} }

/** An extension of ours, or a Protomux channel on the same stream. */
type Way = 'ours' | 'raw'

const inbox = new Inbox()
const receive = (message: Uint8Array) => inbox.receive(message)
let senders: Record<Way, Sender>

const handlers = {
  /** Connects the two. */
  async open(): Promise<void> {
    const network = new MemoryNetwork()
    const [here, there] = [messenger(network), messenger(network)]
    await there.listen()
    there.registerExtension(NAME, { onmessage: receive })
    there.on('peer-add', ({ stream }) => channelSender(stream, NAME, receive))
    const opened = new Promise<void>((resolve) => {
      const extension = here.registerExtension(NAME, { onopen: () => resolve() })
      here.on('peer-add', (peer) => {
        const raw = channelSender(peer.stream, NAME, receive)
        senders = { ours: extensionSender(extension, peer), raw }
      })
    })
    await here.connect(there.keyPair.publicKey)
    await opened
  },

  /** Sends bursts, each in one turn of the event loop. @returns messages a second until the last has come */
  async burst(way: Way, bursts: number, perBurst: number, size: number): Promise<number> {
    const messages = numberedMessages(bursts * perBurst, size)
    inbox.expect(messages.length, size)
    const start = now()
    await sendInBursts(senders[way], messages, perBurst)
    const seconds = ((await inbox.complete()) - start) / 1_000
    if (inbox.hash !== hashOf(Buffer.concat(messages))) throw new Error(`${way}: other messages came`)
    return messages.length / seconds
  }
}

export type MemoryMessengerHandlers = typeof handlers

serve(handlers)

function messenger(network: MemoryNetwork): Networker {
  const networker = new Networker(STORE, { transports: [network.transport()] })
  // A message that was refused would be waited for in vain.
  networker.on('fault', fail)
  return networker
}
