// Replicates a block between two networkers, closes them, and does nothing else. argv: 'memory', or 'hyperswarm' and
// the bootstrap nodes of a DHT.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Networker } from '@basestore/networker'
import { hyperswarm } from '@basestore/transport-hyperswarm'
import { MemoryNetwork } from '@basestore/transport-memory'
import Corestore from 'corestore'

const [kind, nodes = '[]'] = process.argv.slice(2)
const bootstrap = JSON.parse(nodes)
const network = new MemoryNetwork()
const transport = async () => {
  if (kind === 'memory') return network.transport()
  const { localNode } = await import('../../support/local-node.mjs')
  return hyperswarm({ dht: localNode(bootstrap) })
}

const directories = [0, 1].map(() => mkdtempSync(join(tmpdir(), 'basestore-exits-')))
const stores = directories.map((directory) => new Corestore(directory))
const transports = [await transport(), await transport()]
const networkers = stores.map((store, i) => new Networker(store, { transports: [transports[i]] }))

const core = stores[0].get({ name: 'core' })
await core.append('hello')
for (const networker of networkers) await networker.configure(core.discoveryKey)
const block = await stores[1].get({ key: core.key }).get(0)
networkers[0].configure(Buffer.alloc(32, 7)).catch(() => {}) // this flush is still under way when it closes

const dhts = transports.map((t) => t.swarm?.dht)
for (const networker of networkers) await networker.close()
for (const dht of dhts) await dht?.destroy()
for (const store of stores) await store.close()
for (const directory of directories) rmSync(directory, { recursive: true })
process.stdout.write(block.toString())
