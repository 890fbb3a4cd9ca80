import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import SecretStream from '@hyperswarm/secret-stream'

export interface StreamPair {
  readonly initiator: SecretStream
  readonly responder: SecretStream
}

/** Makes both ends of a secret-stream over TCP on 127.0.0.1, open and with error listeners, for as long as `use` runs. */
export async function withStreamPair<T>(use: (pair: StreamPair) => Promise<T>): Promise<T> {
  return withSocketPair(async (near, far) => {
    const initiator = quiet(new SecretStream(true, near))
    const responder = quiet(new SecretStream(false, far))
    try {
      await Promise.all([initiator.opened, responder.opened])
      return await use({ initiator, responder })
    } finally {
      initiator.destroy()
      responder.destroy()
    }
  })
}

/** Makes two connected TCP sockets on 127.0.0.1, for as long as `use` runs. */
export async function withSocketPair<T>(use: (near: Socket, far: Socket) => Promise<T>): Promise<T> {
  const server = createServer()
  const sockets: Socket[] = []
  try {
    const { port } = await listening(server)
    const near = connect({ port, host: '127.0.0.1' })
    sockets.push(near)
    const [far] = (await once(server, 'connection')) as [Socket]
    sockets.push(far)
    return await use(near, far)
  } finally {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
}

/** Adds an error listener: an error without one ends the process. */
export function quiet(stream: SecretStream): SecretStream {
  stream.on('error', () => {})
  return stream
}

/** Resolves when a stream has closed, with an error or without. */
export function closed(stream: SecretStream): Promise<void> {
  return new Promise((resolve) => stream.once('close', resolve))
}

async function listening(server: Server): Promise<AddressInfo> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server.address() as AddressInfo
}
