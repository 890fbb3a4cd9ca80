import { RecordingHost } from '@basestore/conformance'
import { expect, test } from 'vitest'
import { toId } from '../src/bytes.js'
import { Directory } from '../src/discovery/directory.js'
import { Discovery } from '../src/discovery/discovery.js'
import { type DiscoveryOptions, toFullDiscovery } from '../src/discovery/options.js'
import { TopicRecord } from '../src/discovery/topic-record.js'
import { Faults } from '../src/faults/faults.js'
import { Host } from '../src/host.js'
import { VirtualClock } from '../src/index.js'
import { Links } from '../src/links/links.js'
import { PERFECT } from '../src/links/shape.js'
import { Random } from '../src/random.js'
import { MemoryTransport } from '../src/transport.js'
import { both, lookup, stop, topic } from './peers.js'
import { sleep } from './virtual-network.js'

/** The parts of a network, so that a test can look into its directory. */
function parts(options: DiscoveryOptions = {}) {
  const clock = new VirtualClock()
  const directory = new Directory()
  const context = { clock, seed: '', faults: new Faults(() => {}), onevent: undefined }
  const links = new Links({ ...context, timeout: 10_000, shape: () => PERFECT })
  const discovery = new Discovery({ ...context, directory, options: toFullDiscovery(options) })
  const peer = (name: string) => {
    const computer = new Host(name)
    const random = new Random(name)
    const transport = new MemoryTransport({
      name,
      address: name,
      host: computer,
      directory,
      discovery,
      links,
      random
    })
    const host = new RecordingHost()
    transport.start(host)
    return { host, transport, computer }
  }
  const nobody = peer('nobody')
  const records = () => [
    ...directory.others(
      new TopicRecord(nobody.transport.connections!, topic(), toId(topic()), new Random('nobody'))
    )
  ]
  return { clock, peer, records }
}

type Mortal = ReturnType<ReturnType<typeof parts>['peer']>

async function die(clock: VirtualClock, ...peers: Mortal[]): Promise<void> {
  for (const { computer } of peers) computer.diedAt = clock.now()
  await stop(...peers)
}

test('records of dead peers are forgotten once they have expired', async () => {
  const { clock, peer, records } = parts({ ttl: 60_000, refresh: 20_000 })
  await clock.run(async () => {
    const [living, ...mortal] = ['living', 'a', 'b', 'seeker'].map(peer)
    living!.transport.join(topic(), lookup)
    for (const { transport } of mortal.slice(0, 2)) transport.join(topic(), both)
    mortal[2]!.transport.join(topic(), lookup)
    await sleep(1_000)
    await die(clock, ...mortal)
    await sleep(50_000)
    expect(records().map(({ peer: { address } }) => address)).toEqual(['living', 'a', 'b'])
    await sleep(60_000)
    expect(records().map(({ peer: { address } }) => address)).toEqual(['living'])
    await stop(living!)
  })
})
