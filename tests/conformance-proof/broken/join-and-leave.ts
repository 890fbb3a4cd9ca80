import { abortable } from '@basestore/networker/transport'
import { ANNOUNCE, BOTH, broken, hex, LOOKUP, never, noSignal } from './sabotage.js'
import { type BrokenTransports, hangsAndTurnsRed, turnsRed } from './turns-red.js'

export const joinAndLeave: BrokenTransports = {
  'announces only while it looks up': turnsRed(
    {
      fixture: 'isolated-networks',
      start: 'same-key-again',
      'join-and-leave':
        'announced-is-found lookup-stands announcing-does-not-dial looking-up-does-not-announce topics-apart adds-lookup drops-announce drops-lookup leave-ends-announcing leave-ends-lookup leave-keeps-topics joins-again',
      flush: 'announced-is-found all-found-are-handed-over newcomers-too abort-keeps-topic abort-ends-one',
      streams: 'wants-of-the-finder wants-of-the-found each-its-own',
      stop: 'while-dialling while-shaking-hands not-found finds-nobody',
      scale: 'many-found',
      connect: 'connected-already',
      suspend: 'not-found finds-nobody resumed-is-found resumed-finds',
      faults: 'unreachable-hides-nobody healed-is-found silent-peer-and-other-topics silent-flush-aborts',
      'hostile-bytes': 'silence garbage long-frame early-end reset half-handshake our-own-key many',
      offline: 'starts-offline announcement-waits second-flush-waits flush-goes-on'
    },
    broken((inner) => ({
      join: (topic, mode) => {
        if (mode.lookup) inner.join(topic, mode)
        else inner.leave(topic)
      }
    }))
  ),
  'looks up only once': turnsRed(
    {
      'join-and-leave': 'lookup-stands looking-up-does-not-announce drops-announce leave-keeps-topics',
      flush: 'newcomers-too',
      suspend: 'resumed-finds meets-again',
      faults: 'healed-is-found',
      offline: 'announcement-waits second-flush-waits'
    },
    broken((inner) => {
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
          await abortable(Promise.resolve(looked.get(hex(topic))), options.signal)
        }
      }
    })
  ),
  'dials while it only announces': turnsRed(
    { 'join-and-leave': 'announcing-does-not-dial drops-lookup' },
    broken((inner) => ({
      join: (topic, mode) => inner.join(topic, mode.announce ? BOTH : mode)
    }))
  ),
  'announces while it only looks up': turnsRed(
    { 'join-and-leave': 'looking-up-does-not-announce drops-announce' },
    broken((inner) => ({
      join: (topic, mode) => inner.join(topic, mode.lookup ? BOTH : mode)
    }))
  ),
  'mixes up all topics': turnsRed(
    {
      identity: 'topics',
      'join-and-leave': 'topics-apart leave-keeps-topics',
      faults: 'silent-peer-and-other-topics'
    },
    broken((inner) => {
      const one = Buffer.alloc(32)
      return {
        join: (_topic, mode) => inner.join(one, mode),
        leave: () => inner.leave(one),
        flush: (_topic, options) => inner.flush(one, options)
      }
    })
  ),
  'ignores a further join': turnsRed(
    {
      'join-and-leave': 'adds-announce adds-lookup drops-announce drops-lookup',
      flush: 'announced-later-is-found'
    },
    broken((inner) => {
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
    })
  ),
  'adds to the mode and takes nothing back': turnsRed(
    { 'join-and-leave': 'drops-announce drops-lookup' },
    broken((inner) => {
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
    })
  ),
  'never finishes leaving': hangsAndTurnsRed(
    { 'join-and-leave': 'leave-resolves', flush: 'leaving-ends-it', stop: 'while-leaving' },
    broken((inner) => ({
      leave: async (topic) => {
        await inner.leave(topic)
        await never
      }
    }))
  ),
  'announces after leave': turnsRed(
    { 'join-and-leave': 'leave-ends-announcing' },
    broken((inner) => ({ leave: (topic) => inner.join(topic, ANNOUNCE) }))
  ),
  'looks up after leave': turnsRed(
    { 'join-and-leave': 'leave-ends-lookup' },
    broken((inner) => ({ leave: (topic) => inner.join(topic, LOOKUP) }))
  ),
  'closes streams on leave': turnsRed(
    { 'join-and-leave': 'leave-keeps-streams' },
    broken((inner, { ends }) => ({
      leave: (topic) => {
        for (const streams of ends.values()) for (const stream of streams) stream.destroy()
        return inner.leave(topic)
      }
    }))
  ),
  'leaves all topics at once': turnsRed(
    { 'join-and-leave': 'leave-keeps-topics' },
    broken((inner) => {
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
    })
  ),
  'does not join again what it has left': turnsRed(
    { 'join-and-leave': 'joins-again' },
    broken((inner) => {
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
  )
}
