import { createTestnet } from '@basestore/testnet'
import { describe, expect, it } from 'vitest'
import { Child } from '../support/child.js'

const SCRIPT = new URL('./children/exits.mjs', import.meta.url)

describe('a process', () => {
  it('exits by itself after close(), in memory', async () => {
    const end = await new Child(SCRIPT, { args: ['memory'], ipc: false }).ended
    expect(end).toMatchObject({ code: 0, stdout: 'hello', stderr: '', timedOut: false })
  })

  it('exits by itself after close(), over Hyperswarm', async () => {
    const testnet = await createTestnet()
    try {
      const args = ['hyperswarm', JSON.stringify(testnet.bootstrap)]
      const end = await new Child(SCRIPT, { args, ipc: false }).ended
      expect(end).toMatchObject({ code: 0, stdout: 'hello', stderr: '', timedOut: false })
    } finally {
      await testnet.destroy()
    }
  })
})
