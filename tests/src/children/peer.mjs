// One networker in a process of its own, on the local DHT in argv. It does what it is told, and reports its peers.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Networker } from '@basestore/networker'
import { hyperswarm } from '@basestore/transport-hyperswarm'
import Corestore from 'corestore'
import HyperDHT from 'hyperdht'

const directory = mkdtempSync(join(tmpdir(), 'basestore-peer-'))
const store = new Corestore(directory)
let networker = null
let dht = null

process.once('disconnect', () => process.exit())
process.once('exit', () => rmSync(directory, { recursive: true, force: true }))
process.on('message', async ({ prepare, configure }) => {
  if (prepare) await fresh()
  if (configure) {
    await networker.configure(configure)
    process.send({ configured: true })
  }
})

async function fresh() {
  await networker?.close()
  await dht?.destroy()
  dht = new HyperDHT({ bootstrap: JSON.parse(process.argv[2]), host: '127.0.0.1' })
  networker = new Networker(store, { transports: [hyperswarm({ dht })] })
  for (const event of ['peer-add', 'peer-remove']) {
    networker.on(event, () => process.send({ peers: networker.peers.size }))
  }
  await dht.fullyBootstrapped()
  process.send({ ready: networker.keyPair.publicKey.toString('hex') })
}
