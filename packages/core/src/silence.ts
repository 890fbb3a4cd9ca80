import type { EventEmitter } from 'node:events'
import NoiseSecretStream from '@hyperswarm/secret-stream'
import type { NoiseStream } from './noise-stream.js'

/** So many frames keep a link at rest alive during one time-out, so that one may come late. */
const KEEP_ALIVES = 5
/** So many looks in a row have to find silence. One timer would also fire after a sleep of ours, before we listen. */
const LOOKS = 10
/** How often we send once the remote has ended, when only an answer to it shows that nobody listens; in milliseconds. */
const PROBE = 100

/** Destroys a stream that is heard nothing of, and lets the remote hear of us. */
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

/** False while a reader that is slower than the remote has it paused, and once the remote has ended. */
function isReading(stream: NoiseStream): boolean {
  return !NoiseSecretStream.isBackpressured(stream as never) // a streamx stream, as the library makes it
}
