import { raw as bytes } from 'compact-encoding'
import Protomux from 'protomux'
import { fail } from '../../harness/serve.js'
import type { Sender } from '../sender.js'

/**
 * A Protomux channel with one message. Both ends call this in the tick in which they get the stream: Protomux rejects a
 * channel that the other end has not created yet.
 */
export function rawSender(
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
