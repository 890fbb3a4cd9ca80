import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'

const HOST = '127.0.0.1'

/** A UDP port that nobody uses. A network of one's own, where multicast DNS is bound to it. */
export async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, HOST)
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  await once(socket, 'close')
  return port
}

/** A TCP port that nobody listens on. */
export async function freeTcpPort(): Promise<number> {
  const server = createServer().listen(0, HOST)
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
