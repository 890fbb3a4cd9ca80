import { AsyncLocalStorage, createHook } from 'node:async_hooks'
import { expect, test } from 'vitest'
import { withPeers } from './peer.js'
import { freeTcpPort, freeUdpPort } from './ports.js'

// resume() opens everything within a few ticks. stop() may come in any of them.
test.each([0, 1, 2, 3, 4, 5, 6])(
  'nothing is left when stop() comes %d ticks after resume()',
  async (ticks) => {
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
  }
)

/** The servers, sockets and timers that the work opened and did not close. */
async function openedBy(work: () => Promise<void>): Promise<string[]> {
  const inside = new AsyncLocalStorage<boolean>()
  const open = new Map<number, string>()
  const hook = createHook({
    init(id, type) {
      if (inside.getStore() && ['TCPSERVERWRAP', 'Timeout', 'UDPWRAP'].includes(type)) open.set(id, type)
    },
    destroy: (id) => void open.delete(id)
  }).enable()
  try {
    await inside.run(true, work)
    await turns()
    return [...open.values()]
  } finally {
    hook.disable()
  }
}

/** Waits until closed handles are gone. */
async function turns(): Promise<void> {
  for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve))
}
