import { randomBytes } from 'node:crypto'
import { PassThrough } from 'node:stream'
import type { NoiseStream } from '@basestore/networker/transport'
import { brokenHost, brokenInfo, brokenStreams, replace } from './sabotage.js'
import { type BrokenTransports, turnsRed } from './turns-red.js'

export const identity: BrokenTransports = {
  'hands over a stream with another key than ours': turnsRed(
    { identity: 'own-key' },
    brokenStreams((stream) => replace(stream, { publicKey: randomBytes(32) }))
  ),
  'believes the wrong remote key of one that comes': turnsRed(
    { identity: 'remote-key' },
    brokenStreams((stream) => {
      if (!stream.isInitiator) replace(stream, { remotePublicKey: randomBytes(32) })
    })
  ),
  'hands over a stream before it is open': turnsRed(
    {
      identity: 'open',
      flush:
        'announced-is-found announced-later-is-found all-found-are-handed-over newcomers-too abort-ends-one',
      scale: 'many-found',
      connect: 'handed-over-first several-at-once',
      faults: 'unreachable-hides-nobody silent-peer-and-other-topics',
      offline: 'starts-offline flush-goes-on'
    },
    brokenStreams((stream) => {
      replace(stream, { connected: false })
      setImmediate(() => {
        replace(stream, { connected: true })
        ;(stream as unknown as PassThrough).emit('connect')
      })
    })
  ),
  'hands over a stream twice': turnsRed(
    { identity: 'once' },
    brokenHost((host) => ({
      connected: (stream, info) => {
        host.connected(stream, info)
        host.connected(stream, info)
      }
    }))
  ),
  'hands over itself': turnsRed(
    { identity: 'not-ourselves' },
    brokenHost((host) => ({
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
    }))
  ),
  'calls both ends the initiator': turnsRed(
    { identity: 'roles' },
    brokenStreams((stream) => replace(stream, { isInitiator: true }))
  ),
  'does not say what carries a stream': turnsRed(
    { identity: 'type' },
    brokenInfo(() => ({ type: undefined }))
  ),
  'gives an address without a port': turnsRed(
    { identity: 'address' },
    brokenInfo(() => ({ remoteAddress: '127.0.0.1' }))
  ),
  'names topics that nobody joined': turnsRed(
    { identity: 'topics' },
    brokenInfo(() => ({ topics: [randomBytes(32)] }))
  )
}
