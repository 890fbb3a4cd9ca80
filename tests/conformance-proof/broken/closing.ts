import type { EventEmitter } from 'node:events'
import { brokenStreams, replace } from './sabotage.js'
import { type BrokenTransports, turnsRed } from './turns-red.js'

export const closing: BrokenTransports = {
  'destroys on end()': turnsRed(
    { closing: 'end-delivers half-open both-ended' },
    brokenStreams((stream) => {
      replace(stream, { end: () => stream.destroy() })
    })
  ),
  'loses the tail on end()': turnsRed(
    { data: 'backpressure', closing: 'end-delivers', faults: 'silence-holds-the-writer' },
    brokenStreams((stream) => {
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
    })
  ),
  "ends both directions with the remote's end": turnsRed(
    { closing: 'half-open' },
    brokenStreams((stream) => {
      stream.once('end', () => stream.destroy())
    })
  ),
  'raises an error at the end': turnsRed(
    { closing: 'half-open both-ended' },
    brokenStreams((stream) => {
      stream.once('end', () => stream.destroy(new Error('the remote has ended')))
    })
  ),
  'tells nobody that it was destroyed': turnsRed(
    {
      streams: 'each-its-own',
      closing: 'destroy-is-seen destroy-with-error destroyed-while-sending closes-once',
      connect: 'again',
      suspend: 'ends-streams meets-again'
    },
    brokenStreams((stream) => {
      const raw = stream.rawStream as { write: unknown; destroy(): void }
      const destroy = stream.destroy.bind(stream)
      replace(stream, {
        destroy: () => {
          replace(raw, { destroy: () => {} })
          destroy()
          ;(stream as unknown as EventEmitter).emit('close')
        }
      })
    })
  ),
  'does not see a reset': turnsRed(
    { closing: 'destroy-with-error', faults: 'cut-closes-streams cut-leaves-others' },
    brokenStreams((stream) => {
      const raw = stream.rawStream as { destroy(error?: Error | null): void }
      const destroy = raw.destroy.bind(raw)
      replace(raw, {
        destroy: (error?: Error | null) => {
          if (!error || stream.destroying) destroy(error)
        }
      })
    })
  ),
  'closes twice': turnsRed(
    { closing: 'closes-once' },
    brokenStreams((stream) => {
      stream.once('close', () => setImmediate(() => (stream as unknown as EventEmitter).emit('close')))
    })
  )
}
