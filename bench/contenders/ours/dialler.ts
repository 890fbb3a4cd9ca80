import { type Extension, Networker, type Peer, type Store } from '@basestore/networker'
import { MemoryNetwork } from '@basestore/transport-memory'
import type { Connection, Dialler } from '../dialler.js'

const ECHO = 'echo'

/** Networkers on the memory network. One listens; each connection is dialled by a networker of its own. */
export async function ourDialler(count: number, store: Store): Promise<Dialler> {
  const network = new MemoryNetwork()
  const start = async () => {
    const networker = new Networker(store, { transports: [network.transport()] })
    await networker.listen()
    return networker
  }
  const listener = await start()
  const echo: Extension<Peer, Uint8Array> = listener.registerExtension(ECHO, {
    onmessage: (message, peer) => echo.send(message, peer)
  })
  const unused: EndToEnd[] = []
  for (let left = count; left > 0; left--) unused.push(new EndToEnd(await start(), listener))
  const open = new Set<EndToEnd>()
  return {
    async dial() {
      const connection = unused.pop()!
      open.add(connection)
      await connection.open()
      connection.onclose = () => open.delete(connection)
      return connection
    },
    async close() {
      const rest = [...unused, ...open].map(({ dialler }) => dialler)
      await Promise.all([listener, ...rest].map((networker) => networker.close()))
    }
  }
}

class EndToEnd implements Connection {
  readonly dialler: Networker
  onclose: () => unknown = () => {}
  readonly #listener: Networker
  #connected: Promise<Peer> | undefined

  constructor(dialler: Networker, listener: Networker) {
    this.dialler = dialler
    this.#listener = listener
  }

  /** Resolves when both ends have the peer. */
  async open(): Promise<void> {
    const [dialler, listener] = [this.dialler, this.#listener]
    const added: Peer[] = []
    await new Promise<void>((resolve, reject) => {
      const onadd = (peer: Peer) => added.push(peer) === 2 && resolve()
      dialler.once('peer-add', onadd)
      listener.once('peer-add', onadd)
      this.#connected = dialler.connect(listener.keyPair.publicKey)
      this.#connected.catch(reject)
    })
    for (const { keyPair } of [dialler, listener]) {
      const isOne = added.some(({ remotePublicKey }) => remotePublicKey.equals(keyPair.publicKey))
      if (!isOne) throw new Error('another peer was connected')
    }
  }

  async echo(bytes: Uint8Array): Promise<Uint8Array> {
    const peer = await this.#connected!
    return new Promise((resolve) => {
      this.dialler.registerExtension(ECHO, { onmessage: resolve }).send(bytes, peer)
    })
  }

  async close(): Promise<void> {
    const removed = new Promise((resolve) => this.#listener.once('peer-remove', resolve))
    await this.dialler.close()
    await removed
    this.onclose()
  }
}
