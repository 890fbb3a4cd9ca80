import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import DHT from 'hyperdht'
import { NODES } from './nodes.js'
import { ownAddress } from './own-address.js'

/** A DHT that can be entered by one address, which is known before any of its nodes runs. */
export class LateTestnet {
  readonly host: string
  readonly bootstrap: readonly { readonly host: string; readonly port: number }[]
  readonly #port: number
  /** The port of each node, so that the nodes are where they were after they were down. */
  readonly #ports: number[] = []
  #nodes: DHT[] = []

  private constructor(port: number, host: string) {
    this.host = host
    this.#port = port
    this.bootstrap = [{ host, port }]
  }

  /** Reserves the address. No node runs yet. */
  static async create(): Promise<LateTestnet> {
    const host = ownAddress()
    const socket = createSocket('udp4').bind(0, host)
    await once(socket, 'listening')
    const { port } = socket.address()
    socket.close()
    await once(socket, 'close')
    return new LateTestnet(port, host)
  }

  /** Starts all nodes. The first one answers before the others run. */
  async up(): Promise<void> {
    const { bootstrap, host } = this
    const first = DHT.bootstrapper(this.#port, host)
    this.#nodes = [first]
    await first.fullyBootstrapped()
    for (let i = 1; i < NODES; i++) {
      const node = new DHT({
        bootstrap,
        host,
        port: this.#ports[i] ?? 0,
        ephemeral: false,
        firewalled: false
      })
      this.#nodes.push(node)
      await node.fullyBootstrapped()
      this.#ports[i] = node.address().port
    }
  }

  /** Ends all nodes. They forget what they stored. */
  async down(): Promise<void> {
    const nodes = this.#nodes
    this.#nodes = []
    await Promise.all(nodes.map((node) => node.destroy({ force: true })))
  }

  /** A DHT node as an app has it. Its tests end it. */
  createNode(): DHT {
    return new DHT({ bootstrap: [...this.bootstrap], host: this.host })
  }
}
