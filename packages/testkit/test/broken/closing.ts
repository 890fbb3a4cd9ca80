import type { EventEmitter } from 'node:events'
import type { TransportFixture } from '../../src/index.js'
import { brokenStreams, replace } from './sabotage.js'

export const closing: Readonly<Record<string, TransportFixture>> = {
  'destroys on end()': brokenStreams((stream) => {
    replace(stream, { end: () => stream.destroy() })
  }),
  'loses the tail on end()': brokenStreams((stream) => {
    const write = stream.write.bind(stream)
    const end = stream.end.bind(stream)
    const tail: Uint8Array[] = []
    replace(stream, {
      write: (frame: Uint8Array) => {
        tail.push(frame)
        setImmediate(() => tail.length > 0 && write(tail.shift()!))
        return true
      },
      end: () => {
        tail.length = 0
        return end()
      }
    })
  }),
  "ends both directions with the remote's end": brokenStreams((stream) => {
    stream.once('end', () => stream.destroy())
  }),
  'raises an error at the end': brokenStreams((stream) => {
    stream.once('end', () => stream.destroy(new Error('the remote has ended')))
  }),
  'tells nobody that it was destroyed': brokenStreams((stream) => {
    const raw = stream.rawStream as { write: unknown; destroy(): void }
    const destroy = stream.destroy.bind(stream)
    replace(stream, {
      destroy: () => {
        replace(raw, { destroy: () => {} })
        destroy()
        ;(stream as unknown as EventEmitter).emit('close')
      }
    })
  }),
  'does not see a reset': brokenStreams((stream) => {
    const raw = stream.rawStream as { destroy(error?: Error | null): void }
    const destroy = raw.destroy.bind(raw)
    replace(raw, {
      destroy: (error?: Error | null) => {
        if (!error || stream.destroying) destroy(error)
      }
    })
  }),
  'closes twice': brokenStreams((stream) => {
    stream.once('close', () => setImmediate(() => (stream as unknown as EventEmitter).emit('close')))
  })
}
