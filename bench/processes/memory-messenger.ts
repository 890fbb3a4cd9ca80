// Two peers in this process, connected in memory: what messages cost without sockets.
import { Networker } from '@basestore/networker'
import { MemoryNetwork } from '@basestore/transport-memory'
import { NO_CORES } from '../contenders/ours/no-cores.js'
import { ourSender } from '../contenders/ours/sender.js'
import { rawSender } from '../contenders/raw/sender.js'
import type { Sender } from '../contenders/sender.js'
import { fail, serve } from '../harness/serve.js'
import { Inbox } from './shared/inbox.js'
import { hashOf, now, numberedMessages } from './shared/numbered-messages.js'
import { sendInBursts } from './shared/send-in-bursts.js'

const NAME = 'messages'

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
    there.on('peer-add', ({ stream }) => rawSender(stream, NAME, receive))
    const opened = new Promise<void>((resolve) => {
      const extension = here.registerExtension(NAME, { onopen: () => resolve() })
      here.on('peer-add', (peer) => {
        const raw = rawSender(peer.stream, NAME, receive)
        senders = { ours: ourSender(extension, peer), raw }
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
  const networker = new Networker(NO_CORES, { transports: [network.transport()] })
  // A refused message is such a fault. Without this line the benchmark would wait for it for ever.
  networker.on('fault', fail)
  return networker
}
