import type { TransportFixture } from '../../src/index.js'
import { brokenHost, brokenStreams, replace } from './sabotage.js'

export const streams: Readonly<Record<string, TransportFixture>> = {
  'reads from a stream before it hands it over': brokenHost((host) => ({
    connected: (stream, info) => {
      stream.on('data', () => {})
      setImmediate(() => host.connected(stream, info))
    }
  })),
  'keeps something of its own in userData': brokenStreams((stream) => {
    stream.userData = {}
  }),
  'ignores wants': brokenHost((host) => ({
    wants: (key) => Buffer.compare(key, host.keyPair.publicKey) !== 0
  })),
  'closes all streams with one': brokenHost((host) => {
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
  }),
  'sends everything to everybody': brokenHost((host) => {
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
}
