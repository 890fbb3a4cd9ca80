import type { Socket } from 'node:net'
import type { NoiseStream } from '@basestore/networker/transport'

/** A side that has sent nothing for so long sends an empty frame, in milliseconds. */
const KEEP_ALIVE = 1_000
/** A remote that was not heard for so long is gone. TCP itself would notice after a quarter of an hour. */
const SILENCE = 5_000
/** The same once the remote has ended its side, when only what we send shows whether it still listens. */
const PROBE = 100

export function destroyWhenSilent(stream: NoiseStream, socket: Socket): void {
  stream.setKeepAlive(KEEP_ALIVE)
  const timer = setTimeout(() => (socket.isPaused() ? timer.refresh() : stream.destroy()), SILENCE)
  socket.on('data', () => timer.refresh()).once('close', () => clearTimeout(timer))
  socket.once('end', () => {
    clearTimeout(timer)
    if (socket.writable) stream.setKeepAlive(PROBE)
  })
}
