import { setImmediate } from 'node:timers/promises'
import type { Extension, Peer } from '@basestore/networker'
import { raw as bytes } from 'compact-encoding'
import Protomux from 'protomux'
import { fail } from '../../harness/serve.js'

/** Who sends messages to one peer: an extension of ours, or a Protomux channel. */
export interface Sender {
  /** @returns false when `drained` should be waited for before more is sent */
  send(message: Uint8Array): boolean
  drained(): Promise<void>
}

export function extensionSender(extension: Extension<Peer, Uint8Array>, peer: Peer): Sender {
  return {
    send: (message) => extension.send(message, peer),
    drained: () => extension.drained(peer)
  }
}

/** Opens a channel. Both ends do so in the tick in which they get the stream, or the earlier one is rejected. */
export function channelSender(
  stream: unknown,
  protocol: string,
  onmessage: (message: Uint8Array) => void
): Sender {
  let ondrain = () => {}
  const channel = Protomux.from(stream).createChannel({
    protocol,
    ondrain: () => ondrain(),
    onclose: () => fail(new Error(`the channel of ${protocol} was closed`))
  })!
  const type = channel.addMessage({ encoding: bytes, onmessage })
  channel.open()
  return {
    send: (message) => type.send(message),
    async drained() {
      if (channel.drained) return
      await new Promise<void>((resolve) => {
        ondrain = resolve
      })
    }
  }
}

/** Sends bursts, each in one turn of the event loop. */
export async function sendInBursts(
  { send, drained }: Sender,
  messages: readonly Uint8Array[],
  perBurst: number
): Promise<void> {
  for (let next = 0; next < messages.length; ) {
    let more = true
    for (const end = next + perBurst; next < end; next++) more = send(messages[next]!)
    await setImmediate()
    // Or all of a trial may wait at once, which is more than an extension holds back for a peer.
    if (!more) await drained()
  }
}
