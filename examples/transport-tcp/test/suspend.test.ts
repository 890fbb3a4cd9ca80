import { AsyncLocalStorage, createHook } from 'node:async_hooks'
import { expect, test } from 'vitest'
import { withPeers } from './peer.js'
import { freeTcpPort, freeUdpPort } from './ports.js'

// Everything is opened within a few ticks, and stop() may come in each of them.
test.each([0, 1, 2, 3, 4, 5, 6])('stopped %d ticks after resume began, nothing is left', async (ticks) => {
  const port = await freeTcpPort()
  const mdns = { port: await freeUdpPort() }
  const left = await openedBy(() =>
    withPeers([{ port, mdns }], async (a) => {
      await a!.transport.suspend()
      const resumed = a!.transport.resume()
      for (let i = 0; i < ticks; i++) await new Promise<void>((resolve) => process.nextTick(resolve))
      await Promise.all([a!.stop(), resumed])
      expect(a!.faults).toEqual([])
    })
  )
  expect(left).toEqual([])
})

/** What the work opened, and no one else in this process, and did not close: of that which the transport makes. */
async function openedBy(work: () => Promise<void>): Promise<string[]> {
  const within = new AsyncLocalStorage<boolean>()
  const open = new Map<number, string>()
  const hook = createHook({
    init(id, type) {
      if (within.getStore() && ['TCPSERVERWRAP', 'Timeout', 'UDPWRAP'].includes(type)) open.set(id, type)
    },
    destroy: (id) => void open.delete(id)
  }).enable()
  try {
    await within.run(true, work)
    await turns()
    return [...open.values()]
  } finally {
    hook.disable()
  }
}

/** Lets what was closed go. */
async function turns(): Promise<void> {
  for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve))
}
