import type { Transport } from '@basestore/networker/transport'
import { abortable } from '@basestore/networker/transport'
import { broken, brokenHost, hex, never, noSignal, type Shared, turns } from './sabotage.js'
import { type BrokenTransports, hangsAndTurnsRed, turnsRed } from './turns-red.js'

export const flush: BrokenTransports = {
  'flushes before it has announced': turnsRed(
    {
      flush:
        'announced-is-found announced-later-is-found all-found-are-handed-over newcomers-too abort-ends-one',
      scale: 'many-found',
      faults: 'unreachable-hides-nobody silent-peer-and-other-topics silent-flush-aborts',
      offline: 'starts-offline announcement-waits second-flush-waits flush-goes-on flush-aborts'
    },
    broken((inner) => {
      const latest = new Map<string, object>()
      return {
        join: (topic, mode) => {
          latest.set(hex(topic), mode)
          if (!mode.announce) return inner.join(topic, mode)
          void turns(3).then(() => latest.get(hex(topic)) === mode && inner.join(topic, mode))
        },
        leave: (topic) => {
          latest.delete(hex(topic))
          return inner.leave(topic)
        },
        flush: async (topic, options) => {
          options.signal.throwIfAborted()
          await inner.flush(topic, options)
        }
      }
    })
  ),
  'flushes at once': turnsRed(
    {
      flush: 'announced-is-found announced-later-is-found all-found-are-handed-over abort-ends-one',
      scale: 'many-found',
      suspend: 'resumed-finds',
      faults: 'unreachable-hides-nobody healed-is-found silent-peer-and-other-topics silent-flush-aborts',
      offline: 'starts-offline announcement-waits lookup-waits second-flush-waits flush-goes-on flush-aborts'
    },
    broken(() => ({
      flush: async (_topic, { signal }) => {
        signal.throwIfAborted()
        await undefined
        signal.throwIfAborted()
      }
    }))
  ),
  'flushes at the first peer': turnsRed(
    { flush: 'all-found-are-handed-over newcomers-too', scale: 'many-found' },
    brokenHost((host) => {
      let first = true
      return {
        connected: async (stream, info) => {
          if (!first) await turns(5)
          first = false
          if (host.signal.aborted) stream.destroy()
          else host.connected(stream, info)
        }
      }
    })
  ),
  'flushes once and remembers that': turnsRed(
    {
      flush: 'aborted-before',
      suspend: 'resumed-finds',
      faults: 'healed-is-found',
      offline: 'second-flush-waits'
    },
    broken((inner) => {
      const flushes = new Map<string, Promise<void>>()
      return {
        flush: (topic, options) => {
          const known = flushes.get(hex(topic))
          if (known) return known
          const flushed = inner.flush(topic, options)
          flushes.set(hex(topic), flushed)
          flushed.catch(() => flushes.delete(hex(topic)))
          return flushed
        },
        join: (topic, mode) => {
          flushes.delete(hex(topic))
          inner.join(topic, mode)
        }
      }
    })
  ),
  'never flushes': hangsAndTurnsRed(
    {
      flush:
        'announced-is-found announced-later-is-found all-found-are-handed-over newcomers-too unwanted-counts refused-counts connected-counts alone-announcing alone-looking-up alone-both several-at-once abort-ends-one lets-go-of-signal',
      'simultaneous-dial': 'both-flush',
      scale: 'many-found many-topics',
      suspend: 'resumed-finds',
      faults: 'unreachable-counts unreachable-hides-nobody healed-is-found silent-peer-and-other-topics',
      offline: 'starts-offline flush-goes-on tells-once'
    },
    broken(() => ({ flush: (_topic, { signal }) => abortable(never, signal) }))
  ),
  'flushes only when it has found somebody': hangsAndTurnsRed(
    {
      flush:
        'announced-is-found announced-later-is-found unwanted-counts alone-announcing alone-looking-up alone-both',
      faults: 'unreachable-counts',
      offline: 'starts-offline tells-once'
    },
    broken((inner, shared, self) => ({
      flush: async (topic, options) => {
        await inner.flush(topic, options)
        if (endsOf(shared, self()).length > 0) return
        await abortable(handover(shared, self()), options.signal)
      }
    }))
  ),
  'waits in flush for peers that are refused': turnsRed(
    { flush: 'unwanted-counts refused-counts' },
    brokenHost(
      () => ({}),
      (inner, shared) => ({
        flush: async (topic, options) => {
          await inner.flush(topic, options)
          const refuses = shared.transports.some((transport) => {
            const host = shared.hosts.get(transport)
            return host && !host.signal.aborted && !host.wants(Buffer.alloc(32, 1))
          })
          if (refuses) await abortable(never, options.signal)
        }
      })
    )
  ),
  'waits in flush for a connection though there is one': turnsRed(
    { flush: 'connected-counts' },
    broken((inner, shared, self) => {
      let joins = 0
      return {
        join: (topic, mode) => {
          joins++
          inner.join(topic, mode)
        },
        flush: async (topic, options) => {
          const before = endsOf(shared, self()).length
          await inner.flush(topic, options)
          if (joins > 1 && before > 0 && endsOf(shared, self()).length === before)
            await abortable(never, options.signal)
        }
      }
    })
  ),
  'forgets a flush for the next one': turnsRed(
    { flush: 'several-at-once abort-ends-one', scale: 'many-topics' },
    broken((inner) => {
      let current = 0
      return {
        flush: async (topic, options) => {
          const mine = ++current
          await inner.flush(topic, options)
          if (mine !== current) await abortable(never, options.signal)
        }
      }
    })
  ),
  'ignores the abort of a flush': turnsRed(
    { flush: 'aborted-before aborted-in-hand', faults: 'silent-flush-aborts', offline: 'flush-aborts' },
    broken((inner) => ({
      flush: (topic) => inner.flush(topic, noSignal())
    }))
  ),
  'rejects a flush with an error of its own': turnsRed(
    { flush: 'aborted-before aborted-in-hand', faults: 'silent-flush-aborts', offline: 'flush-aborts' },
    broken((inner) => ({
      flush: async (topic, options) => {
        await inner.flush(topic, options).catch(() => {
          throw new Error('aborted')
        })
      }
    }))
  ),
  'leaves the topic when a flush is aborted': turnsRed(
    { flush: 'abort-keeps-topic' },
    broken((inner) => ({
      flush: async (topic, options) => {
        await inner.flush(topic, options).catch((error: unknown) => {
          inner.leave(topic)
          throw error
        })
      }
    }))
  ),
  'aborts all flushes with one': turnsRed(
    { flush: 'abort-ends-one' },
    broken((inner) => {
      const running = new Set<AbortController>()
      return {
        flush: async (topic, { signal }) => {
          signal.throwIfAborted()
          const controller = new AbortController()
          running.add(controller)
          await abortable(inner.flush(topic, controller), signal).catch((error: unknown) => {
            for (const each of running) each.abort(error)
            throw error
          })
          running.delete(controller)
        }
      }
    })
  ),
  'stays on the signal of a flush': turnsRed(
    { flush: 'lets-go-of-signal' },
    broken((inner) => ({
      flush: async (topic, options) => {
        options.signal.addEventListener('abort', () => {})
        await inner.flush(topic, options)
      }
    }))
  ),
  'waits in a flush for all topics': turnsRed(
    { faults: 'silent-peer-and-other-topics' },
    broken((inner) => {
      const topics = new Map<string, Uint8Array>()
      return {
        join: (topic, mode) => {
          topics.set(hex(topic), topic)
          inner.join(topic, mode)
        },
        leave: (topic) => {
          topics.delete(hex(topic))
          return inner.leave(topic)
        },
        flush: async (_topic, options) => {
          options.signal.throwIfAborted()
          const all = [...topics.values()].map((topic) => inner.flush(topic, noSignal()))
          await abortable(Promise.all(all), options.signal)
        }
      }
    })
  )
}

function endsOf({ ends, hosts }: Shared, transport: Transport) {
  const key = hosts.get(transport)?.keyPair.publicKey
  return [...ends.values()].flat().filter(({ publicKey }) => key && Buffer.compare(publicKey, key) === 0)
}

/** Resolves at the transport's next hand-over. */
function handover({ onhandover }: Shared, transport: Transport): Promise<void> {
  return new Promise((resolve) => onhandover.set(transport, resolve))
}
