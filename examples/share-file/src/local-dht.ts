import { randomInt } from 'node:crypto'
import DHT from 'hyperdht'

/** With fewer, nodes do not trust what they learn of their own address, and store little. */
const NODES = 10

export interface LocalDht extends AsyncDisposable {
  /** For `--bootstrap`. */
  readonly bootstrap: string
}

/** A whole DHT on this machine, for which no network is needed. */
export async function startLocalDht(): Promise<LocalDht> {
  const host = ownAddress()
  const bootstrap: string[] = []
  const nodes: DHT[] = []
  while (nodes.length < NODES) {
    const node = new DHT({ bootstrap, host, ephemeral: false, firewalled: false })
    nodes.push(node)
    await node.fullyBootstrapped()
    if (bootstrap.length === 0) bootstrap.push(`${host}:${node.address().port}`)
  }
  return {
    bootstrap: bootstrap[0]!,
    async [Symbol.asyncDispose]() {
      for (const node of nodes.reverse()) await node.destroy()
    }
  }
}

/**
 * DHTs on one address find each other: a port of one that has ended is soon another's, and is asked again. Other
 * systems than Linux have only one address of their own.
 */
function ownAddress(): string {
  if (process.platform !== 'linux') return '127.0.0.1'
  return `127.${randomInt(1, 255)}.${randomInt(255)}.${randomInt(1, 255)}`
}
