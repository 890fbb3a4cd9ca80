import { randomBytes } from 'node:crypto'
import { PassThrough } from 'node:stream'
import type { NoiseStream } from '@basestore/networker/transport'
import type { TransportFixture } from '../../src/index.js'
import { brokenHost, brokenInfo, brokenStreams, replace } from './sabotage.js'

export const identity: Readonly<Record<string, TransportFixture>> = {
  'hands over a stream with another key than ours': brokenStreams((stream) =>
    replace(stream, { publicKey: randomBytes(32) })
  ),
  'believes the wrong remote key of one that comes': brokenStreams((stream) => {
    if (!stream.isInitiator) replace(stream, { remotePublicKey: randomBytes(32) })
  }),
  'hands over a stream before it is open': brokenStreams((stream) => {
    replace(stream, { connected: false })
    setImmediate(() => {
      replace(stream, { connected: true })
      ;(stream as unknown as PassThrough).emit('connect')
    })
  }),
  'hands over a stream twice': brokenHost((host) => ({
    connected: (stream, info) => {
      host.connected(stream, info)
      host.connected(stream, info)
    }
  })),
  'hands over itself': brokenHost((host) => ({
    connected: (stream, info) => {
      const { publicKey } = host.keyPair
      const itself = Object.assign(new PassThrough(), {
        publicKey,
        remotePublicKey: publicKey,
        connected: true
      })
      host.connected(itself as unknown as NoiseStream, info)
      host.connected(stream, info)
    }
  })),
  'calls both ends the initiator': brokenStreams((stream) => replace(stream, { isInitiator: true })),
  'does not say what carries a stream': brokenInfo(() => ({ type: undefined })),
  'gives an address without a port': brokenInfo(() => ({ remoteAddress: '127.0.0.1' })),
  'names topics that nobody joined': brokenInfo(() => ({ topics: [randomBytes(32)] }))
}
