import { abortable } from '@basestore/networker/transport'
import { broken, brokenHost, hex, leak, never, turns } from './sabotage.js'
import { type BrokenTransports, turnsRed } from './turns-red.js'

export const offline: BrokenTransports = {
  'takes silence for an answer': turnsRed(
    { offline: 'announcement-waits lookup-waits second-flush-waits flush-goes-on flush-aborts' },
    broken((inner, shared, self) => ({
      flush: async (topic, options) => {
        if (!shared.offline.has(self())) return inner.flush(topic, options)
        options.signal.throwIfAborted()
        await abortable(turns(1), options.signal)
      }
    }))
  ),
  'looks up offline and finds nobody': turnsRed(
    { offline: 'lookup-waits' },
    broken((inner, shared, self) => {
      const announces = new Map<string, boolean>()
      return {
        join: (topic, mode) => {
          announces.set(hex(topic), mode.announce)
          inner.join(topic, mode)
        },
        flush: async (topic, options) => {
          if (shared.offline.has(self()) && !announces.get(hex(topic))) return
          await inner.flush(topic, options)
        }
      }
    })
  ),
  'remembers offline that it had announced': turnsRed(
    { offline: 'second-flush-waits' },
    broken((inner, shared, self) => {
      const flushed = new Set<string>()
      return {
        flush: async (topic, options) => {
          if (shared.offline.has(self()) && flushed.has(hex(topic))) return
          await inner.flush(topic, options)
          flushed.add(hex(topic))
        }
      }
    })
  ),
  'gives up a flush for good': turnsRed(
    { offline: 'flush-goes-on tells-once' },
    broken((inner, shared, self) => ({
      flush: async (topic, options) => {
        if (shared.offline.has(self())) await abortable(never, options.signal)
        await inner.flush(topic, options)
      }
    }))
  ),
  'cannot be aborted while offline': turnsRed(
    { offline: 'flush-aborts' },
    broken((inner, shared, self) => ({
      flush: async (topic, options) => {
        const { signal } = shared.offline.has(self()) ? new AbortController() : options
        await inner.flush(topic, { signal })
      }
    }))
  ),
  'does not start without a network': turnsRed(
    { offline: 'starts-offline stops-offline' },
    broken((inner, shared, self) => ({
      start: async (host) => {
        if (shared.offline.has(self())) throw new Error('no network')
        await inner.start(host)
      }
    }))
  ),
  'announces once, and not again when the network is there': turnsRed(
    { offline: 'starts-offline' },
    broken((inner, shared, self) => ({
      join: (topic, mode) => {
        const lost = shared.offline.has(self()) && mode.announce && !mode.lookup
        inner.join(topic, lost ? { announce: false, lookup: true } : mode)
      }
    }))
  ),
  'tells of each try that fails': turnsRed(
    { offline: 'tells-once' },
    broken((inner, { offline, hosts }, self) => ({
      flush: async (topic, options) => {
        const tries = offline.has(self()) ? ['first', 'second'] : []
        for (const each of tries) hosts.get(self())!.fault(new Error(`the ${each} try failed`))
        await inner.flush(topic, options)
      }
    }))
  ),
  'always says that it is online': turnsRed(
    { offline: 'tells-state' },
    brokenHost((host) => ({ online: () => host.online('online') }))
  ),
  'never says that it is online': turnsRed(
    { offline: 'tells-state' },
    brokenHost((host) => ({ online: () => host.online('connecting') }))
  ),
  'leaves a timer when it is stopped offline': turnsRed(
    { offline: 'stops-offline' },
    broken((inner, { offline }, self) => ({
      start: async (host) => {
        await inner.start(host)
        if (offline.has(self())) leak()
      }
    }))
  )
}
