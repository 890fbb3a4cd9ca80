import type { TransportFixture } from '../../src/index.js'
import { broken, brokenHost, hex, never } from './sabotage.js'

export const suspend: Readonly<Record<string, TransportFixture>> = {
  'keeps its streams when it is suspended': broken(() => ({
    suspend: async () => {},
    resume: async () => {}
  })),
  'forgets its flushes when it is suspended': broken((inner) => {
    let resting = false
    return {
      suspend: async () => {
        resting = true
        await inner.suspend!()
      },
      resume: async () => {
        resting = false
        await inner.resume!()
      },
      flush: async (topic, options) => {
        await inner.flush(topic, options).catch(async (error: unknown) => {
          if (resting) await never
          throw error
        })
      }
    }
  }),
  'is suspended only by name': brokenHost(
    (host) => ({ wants: (key) => !host.signal.aborted && Buffer.compare(key, host.keyPair.publicKey) !== 0 }),
    () => ({ suspend: async () => {}, resume: async () => {} })
  ),
  'forgets its topics when it is suspended': broken((inner) => {
    const topics = new Map<string, Uint8Array>()
    return {
      join: (topic, mode) => {
        topics.set(hex(topic), topic)
        inner.join(topic, mode)
      },
      suspend: async () => {
        for (const topic of topics.values()) inner.leave(topic)
        await inner.suspend!()
      }
    }
  }),
  'resumes once': broken((inner) => {
    let resumed = false
    return {
      resume: async () => {
        if (!resumed) await inner.resume!()
        resumed = true
      }
    }
  }),
  'does not stop while it is suspended': broken((inner) => {
    let resting = false
    return {
      suspend: async () => {
        resting = true
        await inner.suspend!()
      },
      resume: async () => {
        resting = false
        await inner.resume!()
      },
      stop: async () => {
        if (resting) await never
        await inner.stop()
      }
    }
  })
}
