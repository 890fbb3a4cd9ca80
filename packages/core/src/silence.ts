import type { EventEmitter } from 'node:events'
import NoiseSecretStream from '@hyperswarm/secret-stream'
import type { NoiseStream } from './noise-stream.js'

/** Keep-alive frames during one time-out. With five of them, one may come late. */
const KEEP_ALIVES = 5
/** Looks in a row that have to find silence. One long timer would fire after the computer slept, before we read. */
const LOOKS = 10
/** Interval of keep-alive frames once the remote has ended (ms). Only the answer to a frame shows that it is gone. */
const PROBE = 100

/** Destroys a stream on which nothing arrives, and sends keep-alive frames so that the remote hears of us. */
export function destroyWhenSilent(stream: NoiseStream, raw: EventEmitter, timeout: number): void {
  let silent = 0
  const look = () => {
    silent = isReading(stream) ? silent + 1 : 0
    if (silent === LOOKS) stream.destroy()
  }
  const timer = setInterval(look, timeout / LOOKS)
  timer.unref()
  stream.once('close', () => clearInterval(timer))
  raw.on('data', () => {
    silent = 0
  })
  raw.once('end', () => {
    if (stream.keepAlive > 0) stream.setKeepAlive(Math.min(PROBE, stream.keepAlive)) // 0 when we have ended too
  })
  stream.setKeepAlive(timeout / KEEP_ALIVES)
}

/** False while a slow reader has the stream paused, and once the remote has ended its side. */
function isReading(stream: NoiseStream): boolean {
  return !NoiseSecretStream.isBackpressured(stream as never) // a streamx stream, as the library makes it
}
