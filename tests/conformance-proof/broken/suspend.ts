import { broken, brokenHost, hex, leak, never, turns } from './sabotage.js'
import { type BrokenTransports, turnsRed } from './turns-red.js'

export const suspend: BrokenTransports = {
  'keeps its streams when it is suspended': turnsRed(
    { suspend: 'ends-streams meets-again' },
    broken(() => ({
      suspend: async () => {},
      resume: async () => {}
    }))
  ),
  'forgets its flushes when it is suspended': turnsRed(
    { suspend: 'while-flushing' },
    broken((inner) => {
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
    })
  ),
  'is suspended only by name': turnsRed(
    {
      streams: 'wants-of-the-finder wants-of-the-found',
      stop: 'while-shaking-hands',
      connect: 'unwanted',
      suspend: 'ends-streams not-found finds-nobody meets-again'
    },
    brokenHost(
      (host) => ({
        wants: (key) => !host.signal.aborted && Buffer.compare(key, host.keyPair.publicKey) !== 0
      }),
      () => ({ suspend: async () => {}, resume: async () => {} })
    )
  ),
  'forgets its topics when it is suspended': turnsRed(
    { suspend: 'resumed-is-found resumed-finds meets-again' },
    broken((inner) => {
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
    })
  ),
  'resumes once': turnsRed(
    { suspend: 'meets-again' },
    broken((inner) => {
      let resumed = false
      return {
        resume: async () => {
          if (!resumed) await inner.resume!()
          resumed = true
        }
      }
    })
  ),
  'resumes though it was stopped meanwhile': turnsRed(
    { suspend: 'stops-while-resuming' },
    broken((inner) => {
      let stopped = false
      return {
        resume: async () => {
          await inner.resume!()
          await turns(4)
          if (stopped) leak()
        },
        stop: async () => {
          stopped = true
          await inner.stop()
        }
      }
    })
  ),
  'does not stop while it is suspended': turnsRed(
    { suspend: 'stops' },
    broken((inner) => {
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
  )
}
