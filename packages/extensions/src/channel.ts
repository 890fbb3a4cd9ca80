import { raw } from 'compact-encoding'
import type Protomux from 'protomux'
import { CONTROL, DATA, PROTOCOL } from './wire.js'

/** Called with the events of our channel on one stream. */
export interface ChannelHandler {
  onopen(handshake: Uint8Array): void
  onclose(): void
  ondrain(): void
  receive(type: number, frame: Uint8Array, channel: Protomux.Channel): void
}

/** Our channel for Protomux, whose `userData` is the handler. All streams share it: none has closures of its own. */
export const CHANNEL = {
  protocol: PROTOCOL,
  handshake: raw,
  messages: [CONTROL, DATA].map((type) => ({
    encoding: raw,
    autoBatch: false, // it is for handlers that return promises, and ours return nothing
    onmessage: (frame: Uint8Array, channel: Protomux.Channel) =>
      handlerOf(channel).receive(type, frame, channel)
  })),
  onopen: (handshake: Uint8Array, channel: Protomux.Channel) => {
    channel.handshake = null // Protomux would keep it, and with it the memory of its frame
    handlerOf(channel).onopen(handshake)
  },
  onclose: (_isRemote: boolean, channel: Protomux.Channel) => handlerOf(channel).onclose(),
  ondrain: (channel: Protomux.Channel) => handlerOf(channel).ondrain()
}

function handlerOf({ userData }: Protomux.Channel): ChannelHandler {
  return userData as ChannelHandler
}
