import { describe, expect, it } from 'vitest'
import { runChild, withChild } from '../support/child.js'
import { withLocalDht } from '../support/local-dht.js'
import { fixed } from './fixed.js'

const LONG_TOPIC = new URL('./children/long-topic.mjs', import.meta.url)
const NO_ERROR_LISTENER = new URL('./children/no-error-listener.mjs', import.meta.url)

describe('a process that uses Hyperswarm plainly', () => {
  it('dies of a topic of 33 bytes, where no caller can catch it', async () => {
    await withLocalDht(async ({ bootstrap }) => {
      const end = await runChild(LONG_TOPIC, { args: [JSON.stringify(bootstrap)] })
      const message = fixed('networker', 'topics are measured before a transport sees them')
      expect(end.timedOut, message).toBe(false)
      expect(end.stdout, message).toBe('')
      expect(end.code, message).not.toBe(0)
      expect(end.stderr, message).toContain('RangeError: offset is out of bounds')
    })
  })

  it('dies when a remote resets a connection without an error listener', async () => {
    await withLocalDht(async ({ bootstrap, node }) => {
      await withChild(NO_ERROR_LISTENER, { args: [JSON.stringify(bootstrap)] }, async (child) => {
        const { publicKey } = await child.message<{ publicKey: string }>()
        const connection = node().connect(Buffer.from(publicKey, 'hex'))
        connection.on('error', () => {})
        await connection.opened
        await child.message<{ connected: true }>()
        connection.destroy()

        const end = await child.ended
        const message = fixed('transport-hyperswarm', 'every connection has an error listener at once')
        expect(end.timedOut, message).toBe(false)
        expect(end.code, message).not.toBe(0)
        expect(end.stderr, message).toContain('connection reset by peer')
      })
    })
  })
})
