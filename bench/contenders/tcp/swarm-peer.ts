import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import NoiseSecretStream from '@hyperswarm/secret-stream'
import type Corestore from 'corestore'
import type { Duplex } from 'streamx'
import type { SwarmPeer } from '../swarm-peer.js'

const HOST = '127.0.0.1'

/** Corestore over a TCP socket, without a swarm: who announces leaves its port in a folder that both know. */
export function tcp(store: Corestore, directory: string): SwarmPeer {
  const connections = new Set<Duplex>()
  const listeners = new Set<(stream: Duplex) => void>()
  const server = createServer((socket) => replicate(socket, false))

  function replicate(socket: Socket, isInitiator: boolean): void {
    socket.setNoDelay()
    const stream = new NoiseSecretStream(isInitiator, socket) as unknown as Duplex
    stream.on('error', () => {})
    connections.add(stream)
    stream.once('close', () => connections.delete(stream))
    store.replicate(stream)
    for (const listener of listeners) listener(stream)
  }

  return {
    async join(topic, { announce }) {
      const file = join(directory, `${Buffer.from(topic).toString('hex')}.port`)
      if (!announce) return replicate(connect(Number(await readFile(file, 'utf8')), HOST), true)
      server.listen(0, HOST)
      await once(server, 'listening')
      await writeFile(file, String((server.address() as AddressInfo).port))
    },
    get connections() {
      return connections.size
    },
    onconnection(listener) {
      listeners.add(listener)
    },
    async close() {
      for (const stream of connections) stream.destroy()
      if (server.listening) await new Promise((resolve) => server.close(resolve))
    }
  }
}
