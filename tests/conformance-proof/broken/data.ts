import type { EventEmitter } from 'node:events'
import type { TransportFixture } from '@basestore/conformance'
import type { NoiseStream } from '@basestore/networker/transport'
import { brokenStreams, replace, turns } from './sabotage.js'
import { type BrokenTransports, turnsRed } from './turns-red.js'

type Write = (data: Uint8Array) => boolean

export const data: BrokenTransports = {
  'delivers synchronously': turnsRed(
    { data: 'every-byte sizes one-mebibyte not-synchronous', faults: 'silence-loses-nothing' },
    brokenStreams((stream, { other }) => {
      const { write, pause, resume } = stream
      let paused = false
      replace(stream, {
        isPaused: () => paused,
        pause: () => {
          paused = true
          return pause.call(stream)
        },
        resume: () => {
          paused = false
          return resume.call(stream)
        },
        write: (frame: Uint8Array) => {
          const remote = other() as (NoiseStream & EventEmitter & { isPaused?: () => boolean }) | undefined
          if (frame.byteLength > 64 || !remote?.isPaused || remote.isPaused())
            return write.call(stream, frame)
          remote.emit('data', Buffer.from(frame))
          return true
        }
      } as object)
    })
  ),
  'loses what one that was dialled sends': turnsRed(
    {
      identity: 'once',
      'join-and-leave': 'leave-keeps-streams',
      streams: 'sent-at-once each-its-own',
      data: 'all',
      closing: 'end-delivers destroy-is-seen destroy-with-error destroyed-while-sending',
      stop: 'does-not-wait-for-streams leaves-others-alone frees-connections',
      scale: 'mesh-carries',
      connect: 'reaches again',
      suspend: 'meets-again',
      faults: 'cut-leaves-others healed-is-found silence-loses-nothing silence-holds-the-writer',
      'hostile-bytes': 'silence garbage long-frame early-end reset half-handshake our-own-key many'
    },
    brokenStreams((stream) => {
      if (!stream.isInitiator) replace(stream, { write: () => true })
    })
  ),
  'drops the last byte': turnsRed(
    {
      streams: 'sent-at-once',
      data: 'boundaries one-byte every-byte empty-frame sizes one-mebibyte order both-at-once not-synchronous buffer-used-again pause drain',
      closing: 'end-delivers',
      scale: 'mesh-carries',
      faults: 'silence-loses-nothing'
    },
    writing((frame, write) => write(frame.subarray(0, -1)))
  ),
  'merges frames': turnsRed(
    { data: 'boundaries one-byte every-byte empty-frame sizes order pause', faults: 'silence-loses-nothing' },
    brokenStreams((stream) => {
      const write = stream.write.bind(stream)
      let waiting: Uint8Array[] = []
      const flush = () => {
        if (waiting.length > 0) write(Buffer.concat(waiting))
        waiting = []
      }
      replace(stream, {
        write: (frame: Uint8Array) => {
          if (frame.byteLength > 1024) {
            flush()
            return write(frame)
          }
          if (waiting.push(frame) === 1) queueMicrotask(flush)
          return true
        }
      })
    })
  ),
  'splits frames at 32 KiB': turnsRed(
    { data: 'sizes one-mebibyte' },
    writing((frame, write) => {
      let drained = true
      const pieces = Math.max(1, Math.ceil(frame.byteLength / 32_768))
      for (let i = 0; i < pieces; i++) drained = write(frame.subarray(i * 32_768, (i + 1) * 32_768))
      return drained
    })
  ),
  'takes an empty frame for the end': turnsRed(
    { data: 'empty-frame' },
    writing((frame, write, stream) => {
      if (frame.byteLength > 0) return write(frame)
      stream.end()
      return true
    })
  ),
  'drops frames of one byte': turnsRed(
    { data: 'one-byte order' },
    writing((frame, write) => frame.byteLength === 1 || write(frame))
  ),
  'takes bytes for text': turnsRed(
    { data: 'every-byte sizes' },
    writing((frame, write) => {
      const text = Buffer.from(frame).toString()
      return write(frame.byteLength > 512 ? frame : Buffer.from(text))
    })
  ),
  'drops frames above 512 KiB': turnsRed(
    { data: 'one-mebibyte' },
    writing((frame, write) => frame.byteLength > 524_288 || write(frame))
  ),
  'counts lengths in 16 bits': turnsRed(
    { data: 'sizes' },
    writing((frame, write) =>
      write(frame.byteLength > 524_288 ? frame : frame.subarray(0, frame.byteLength % 65_536 || 65_536))
    )
  ),
  'swaps neighbours': turnsRed(
    { data: 'boundaries one-byte every-byte sizes one-mebibyte order', faults: 'silence-loses-nothing' },
    brokenStreams((stream) => {
      const write = stream.write.bind(stream)
      let held: Uint8Array | null = null
      replace(stream, {
        write: (frame: Uint8Array) => {
          if (held) {
            write(frame)
            const first = held
            held = null
            return write(first)
          }
          held = frame
          setImmediate(() => {
            if (held === frame) write(frame)
            held = held === frame ? null : held
          })
          return true
        }
      })
    })
  ),
  'loses what comes while it sends': turnsRed(
    { data: 'sizes one-mebibyte both-at-once' },
    brokenStreams((stream, { other }) => {
      const write = stream.write.bind(stream)
      let sent = 0
      replace(stream, {
        write: (frame: Uint8Array) => {
          sent += frame.byteLength
          setImmediate(() => {
            sent = 0
          })
          const remote = other() as (NoiseStream & { sent?: () => number }) | undefined
          const busy = (remote?.sent?.() ?? 0) > 65_536
          return busy ? true : write(frame)
        },
        sent: () => sent
      } as object)
    })
  ),
  "shares the writer's buffer with the reader": turnsRed(
    { data: 'buffers-not-shared buffer-used-again' },
    brokenStreams((stream, { other }) => {
      const write = stream.write.bind(stream)
      const written: Uint8Array[] = []
      replace(stream, {
        written,
        write: (frame: Uint8Array) => {
          written.push(frame)
          return write(frame)
        }
      } as object)
      const on = stream.on.bind(stream)
      replace(stream, {
        on: (event: 'data', listener: (data: Uint8Array) => void) => {
          if (event !== 'data') return on(event, listener)
          return on('data', () => {
            const remote = other() as unknown as { written: Uint8Array[] }
            listener(remote.written.shift()!)
          })
        }
      })
    })
  ),
  "keeps the caller's buffer": turnsRed(
    { data: 'buffer-used-again' },
    brokenStreams((stream) => {
      const write = stream.write.bind(stream)
      replace(stream, {
        write: (frame: Uint8Array) => {
          if (frame.byteLength !== 5) return write(frame)
          void turns(40).then(() => write(frame))
          return true
        }
      })
    })
  ),
  'delivers to a reader that has paused': turnsRed(
    { data: 'pause' },
    brokenStreams((stream) => replace(stream, { pause: () => stream }))
  ),
  'never makes a writer wait': turnsRed(
    { data: 'backpressure', faults: 'silence-holds-the-writer' },
    writing((frame, write) => {
      write(frame)
      return true
    })
  ),
  'never tells a writer to go on': turnsRed(
    { data: 'drain' },
    brokenStreams((stream) => {
      const emit = (stream as unknown as EventEmitter).emit.bind(stream)
      replace(stream, {
        emit: (event: string, ...args: unknown[]) => event !== 'drain' && emit(event, ...args)
      } as object)
    })
  )
}

/** A transport whose streams change what is written before they send it. */
function writing(
  change: (frame: Uint8Array, write: Write, stream: NoiseStream) => boolean
): TransportFixture {
  return brokenStreams((stream) => {
    const write: Write = stream.write.bind(stream)
    replace(stream, { write: (frame: Uint8Array) => change(frame, write, stream) })
  })
}
