import HyperDHT from 'hyperdht'
import { NODES } from './nodes.js'
import { ownAddress } from './own-address.js'

export { LateTestnet } from './late-testnet.js'
export { ownAddress }

type NodeOptions = ConstructorParameters<typeof HyperDHT>[0]

/** A DHT on an address of this machine that no other DHT is on. */
export interface Testnet {
  /** To enter it by. Nodes elsewhere on this machine bind to this host too. */
  readonly bootstrap: readonly { host: string; port: number }[]
  createNode(options?: NodeOptions): HyperDHT
  destroy(): Promise<void>
}

/** Like `hyperdht/testnet.js`, which knows only 127.0.0.1. */
export async function createTestnet(): Promise<Testnet> {
  const host = ownAddress()
  const bootstrap: { host: string; port: number }[] = []
  const nodes: HyperDHT[] = []
  const createNode = (options?: NodeOptions) => {
    const node = new HyperDHT({ bootstrap, host, ...options })
    nodes.push(node)
    return node
  }
  while (nodes.length < NODES) {
    const node = createNode({ ephemeral: false, firewalled: false })
    await node.fullyBootstrapped()
    if (bootstrap.length === 0) bootstrap.push({ host, port: node.address().port })
  }
  return {
    bootstrap,
    createNode,
    async destroy() {
      for (const node of nodes.reverse()) await node.destroy()
    }
  }
}
