import { once } from 'node:events'
import DHT from 'hyperdht'
import { hyperswarm } from '../src/index.js'
import { FakeHost } from './host.js'

// A process of its own that joins a topic when told to, and reports when it has met everybody.
const [port, topic, others] = process.argv.slice(2) as [string, string, string]
const dht = new DHT({ bootstrap: [{ host: '127.0.0.1', port: Number(port) }], host: '127.0.0.1' })
await dht.fullyBootstrapped()
const host = new FakeHost()
const transport = hyperswarm({ dht })
await transport.start(host)
const key = Buffer.from(topic, 'hex')

const exit = () => process.exit(1)
const met = async () => {
  while (host.peers.size < Number(others)) await once(host, 'connected')
}
process.on('message', async (command: string) => {
  if (command === 'join') transport.join(key, { announce: true, lookup: true })
  if (command === 'suspend') await transport.suspend!()
  if (command === 'resume') await transport.resume!()
  if (command === 'join' || command === 'resume') await met()
  if (command === 'stop') {
    host.close()
    await transport.stop()
    await dht.destroy()
    // Ends by itself, if no handle is left.
    process.off('disconnect', exit)
    process.disconnect()
    return
  }
  process.send!(command)
})
process.on('disconnect', exit)
process.send!('ready')
