import { brokenHost, brokenStreams, replace } from './sabotage.js'
import { type BrokenTransports, turnsRed } from './turns-red.js'

export const streams: BrokenTransports = {
  'reads from a stream before it hands it over': turnsRed(
    {
      flush:
        'announced-is-found announced-later-is-found all-found-are-handed-over newcomers-too abort-ends-one',
      streams: 'sent-at-once untouched',
      scale: 'many-found',
      connect: 'handed-over-first several-at-once',
      faults: 'unreachable-hides-nobody silent-peer-and-other-topics',
      offline: 'starts-offline flush-goes-on'
    },
    brokenHost((host) => ({
      connected: (stream, info) => {
        stream.on('data', () => {})
        setImmediate(() => host.connected(stream, info))
      }
    }))
  ),
  'keeps something of its own in userData': turnsRed(
    { streams: 'untouched' },
    brokenStreams((stream) => {
      stream.userData = {}
    })
  ),
  'ignores wants': turnsRed(
    { streams: 'wants-of-the-finder wants-of-the-found', stop: 'while-shaking-hands', connect: 'unwanted' },
    brokenHost((host) => ({
      wants: (key) => Buffer.compare(key, host.keyPair.publicKey) !== 0
    }))
  ),
  'closes all streams with one': turnsRed(
    { streams: 'each-its-own', stop: 'leaves-others-alone', faults: 'cut-leaves-others' },
    brokenHost((host) => {
      const own = new Set<{ destroy(): unknown }>()
      return {
        connected: (stream, info) => {
          own.add(stream)
          stream.once('close', () => {
            for (const each of own) each.destroy()
          })
          host.connected(stream, info)
        }
      }
    })
  ),
  'sends everything to everybody': turnsRed(
    { streams: 'each-its-own', scale: 'mesh-carries' },
    brokenHost((host) => {
      const own = new Set<(data: Uint8Array) => boolean>()
      return {
        connected: (stream, info) => {
          const write = stream.write.bind(stream)
          own.add(write)
          replace(stream, { write: (data: Uint8Array) => [...own].map((each) => each(data)).every(Boolean) })
          host.connected(stream, info)
        }
      }
    })
  )
}
