import type { TransportFixture } from '../../src/index.js'
import { ANNOUNCE, abortable, BOTH, broken, hex, LOOKUP, never, noSignal } from './sabotage.js'

export const joinAndLeave: Readonly<Record<string, TransportFixture>> = {
  'announces only while it looks up': broken((inner) => ({
    join: (topic, mode) => {
      if (mode.lookup) inner.join(topic, mode)
      else inner.leave(topic)
    }
  })),
  'looks up only once': broken((inner) => {
    const looked = new Map<string, Promise<void>>()
    return {
      join: (topic, mode) => {
        inner.join(topic, mode)
        if (!mode.lookup) return
        const found = inner.flush(topic, noSignal())
        looked.set(hex(topic), found)
        void found.then(() => (mode.announce ? inner.join(topic, ANNOUNCE) : inner.leave(topic)))
      },
      flush: async (topic, options) => {
        options.signal.throwIfAborted()
        await abortable(looked.get(hex(topic)), options.signal)
      }
    }
  }),
  'dials while it only announces': broken((inner) => ({
    join: (topic, mode) => inner.join(topic, mode.announce ? BOTH : mode)
  })),
  'announces while it only looks up': broken((inner) => ({
    join: (topic, mode) => inner.join(topic, mode.lookup ? BOTH : mode)
  })),
  'mixes up all topics': broken((inner) => {
    const one = Buffer.alloc(32)
    return {
      join: (_topic, mode) => inner.join(one, mode),
      leave: () => inner.leave(one),
      flush: (_topic, options) => inner.flush(one, options)
    }
  }),
  'ignores a further join': broken((inner) => {
    const joined = new Set<string>()
    return {
      join: (topic, mode) => {
        if (!joined.has(hex(topic))) inner.join(topic, mode)
        joined.add(hex(topic))
      },
      leave: (topic) => {
        joined.delete(hex(topic))
        return inner.leave(topic)
      }
    }
  }),
  'adds to the mode and takes nothing back': broken((inner) => {
    const modes = new Map<string, { announce: boolean; lookup: boolean }>()
    return {
      join: (topic, { announce, lookup }) => {
        const known = modes.get(hex(topic))
        const mode = { announce: announce || !!known?.announce, lookup: lookup || !!known?.lookup }
        modes.set(hex(topic), mode)
        inner.join(topic, mode)
      },
      leave: (topic) => {
        modes.delete(hex(topic))
        return inner.leave(topic)
      }
    }
  }),
  'never finishes leaving': broken((inner) => ({
    leave: async (topic) => {
      await inner.leave(topic)
      await never
    }
  })),
  'announces after leave': broken((inner) => ({ leave: (topic) => inner.join(topic, ANNOUNCE) })),
  'looks up after leave': broken((inner) => ({ leave: (topic) => inner.join(topic, LOOKUP) })),
  'closes streams on leave': broken((inner, { ends }) => ({
    leave: (topic) => {
      for (const streams of ends.values()) for (const stream of streams) stream.destroy()
      return inner.leave(topic)
    }
  })),
  'leaves all topics at once': broken((inner) => {
    const topics = new Map<string, Uint8Array>()
    return {
      join: (topic, mode) => {
        topics.set(hex(topic), topic)
        inner.join(topic, mode)
      },
      leave: () => {
        for (const topic of topics.values()) inner.leave(topic)
      }
    }
  }),
  'does not join again what it has left': broken((inner) => {
    const left = new Set<string>()
    return {
      join: (topic, mode) => {
        if (!left.has(hex(topic))) inner.join(topic, mode)
      },
      leave: (topic) => {
        left.add(hex(topic))
        return inner.leave(topic)
      }
    }
  })
}
