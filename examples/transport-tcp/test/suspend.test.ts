import { expect, test } from 'vitest'
import { withPeers } from './peer.js'
import { freeTcpPort, freeUdpPort } from './ports.js'

// Everything is opened within a few ticks, and stop() may come in each of them.
test.each([0, 1, 2, 3, 4, 5, 6])('stopped %d ticks after resume began, nothing is left', async (ticks) => {
  const port = await freeTcpPort()
  const mdns = { port: await freeUdpPort() }
  await turns()
  const before = handles()
  await withPeers([{ port, mdns }], async (a) => {
    await a!.transport.suspend()
    const resumed = a!.transport.resume()
    for (let i = 0; i < ticks; i++) await new Promise<void>((resolve) => process.nextTick(resolve))
    await Promise.all([a!.stop(), resumed])
    expect(a!.faults).toEqual([])
    await turns()
    expect(handles().sort()).toEqual(before.sort())
  })
})

/** What keeps this process, of that which the transport makes. */
function handles(): string[] {
  const made = ['TCPServerWrap', 'Timeout', 'UDPWrap']
  return process.getActiveResourcesInfo().filter((name) => made.includes(name))
}

/** Lets what was closed go. */
async function turns(): Promise<void> {
  for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve))
}
