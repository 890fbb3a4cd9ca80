import { RecordingHost } from '@basestore/conformance'
import DHT from 'hyperdht'
import { hyperswarm } from '../src/index.js'

// A process that joins a topic when told to, and reports when it has met all others.
const [host, port, topic, others] = process.argv.slice(2) as [string, string, string, string]
const dht = new DHT({ bootstrap: [{ host, port: Number(port) }], host })
await dht.fullyBootstrapped()
const networker = new RecordingHost({ endsBack: true })
const transport = hyperswarm({ dht })
await transport.start(networker)
const key = Buffer.from(topic, 'hex')
const exit = () => process.exit(1)
const met = () => {
  return networker.until(() => new Set(networker.open.map(({ key }) => key)).size === Number(others))
}
process.on('message', async (command: string) => {
  if (command === 'join') transport.join(key, { announce: true, lookup: true })
  if (command === 'suspend') await transport.suspend!()
  if (command === 'resume') await transport.resume!()
  if (command === 'join' || command === 'resume') await met()
  if (command === 'stop') {
    networker.close()
    await transport.stop()
    await dht.destroy()
    // The process ends by itself when no handle is left.
    process.off('disconnect', exit)
    process.disconnect()
    return
  }
  process.send!(command)
})
process.on('disconnect', exit)
process.send!('ready')
