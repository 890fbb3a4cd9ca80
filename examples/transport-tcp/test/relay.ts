import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { HOST } from './peer.js'

/** A port that leads to another one. Once silenced it passes nothing, and neither end is told. */
export async function withRelay(
  to: number,
  use: (relay: { port: number; silence(): void }) => Promise<void>
): Promise<void> {
  const sockets: Socket[] = []
  const server = createServer((near) => {
    const far = connect(to, HOST)
    sockets.push(near, far)
    for (const socket of [near, far]) socket.on('error', () => {})
    near.pipe(far).pipe(near)
  })
  try {
    await once(server.listen(0, HOST), 'listening')
    const { port } = server.address() as AddressInfo
    const silence = () => {
      for (const socket of sockets) socket.unpipe().pause()
    }
    await use({ port, silence })
  } finally {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
}
