import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import NoiseSecretStream from '@hyperswarm/secret-stream'
import type Corestore from 'corestore'
import type { Duplex } from 'streamx'
import { hex } from '../../harness/hex.js'
import type { SwarmPeer } from '../swarm-peer.js'

const LOOPBACK = '127.0.0.1'

/**
 * Corestore over a TCP socket, without a swarm. The peer that announces writes its port to a file in the directory; the
 * peer that looks up reads it there.
 */
export function tcpPeer(store: Corestore, directory: string): SwarmPeer {
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
      const file = join(directory, `${hex(topic)}.port`)
      if (!announce) return replicate(connect(Number(await readFile(file, 'utf8')), LOOPBACK), true)
      server.listen(0, LOOPBACK)
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
