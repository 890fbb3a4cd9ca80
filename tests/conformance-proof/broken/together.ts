import type { NoiseStream } from '@basestore/networker/transport'
import { abortable } from '@basestore/networker/transport'
import { ANNOUNCE, broken, brokenHost, hex, LOOKUP, noSignal, replace, turns } from './sabotage.js'
import { type BrokenTransports, turnsRed } from './turns-red.js'

export const together: BrokenTransports = {
  /*
   *   A  lookup ── announce
   *   B  lookup ── announce
   *              └ nobody looks up any more
   */
  'looks up once, and before it announces': turnsRed(
    {
      'join-and-leave': 'leave-keeps-topics',
      'simultaneous-dial': 'both-meet one-is-left',
      scale: 'full-mesh mesh-carries many-topics',
      suspend: 'meets-again'
    },
    broken((inner) => {
      const joining = new Map<string, Promise<void>>()
      const lookUpFirst = async (topic: Uint8Array) => {
        inner.join(topic, LOOKUP)
        await inner.flush(topic, noSignal())
        await turns(1)
        if (!joining.has(hex(topic))) return
        inner.leave(topic)
        await turns(1)
        if (joining.has(hex(topic))) inner.join(topic, ANNOUNCE)
      }
      return {
        join: (topic, mode) => {
          joining.delete(hex(topic))
          if (mode.announce && mode.lookup) joining.set(hex(topic), lookUpFirst(topic))
          else inner.join(topic, mode)
        },
        leave: (topic) => {
          joining.delete(hex(topic))
          return inner.leave(topic)
        },
        flush: async (topic, options) => {
          options.signal.throwIfAborted()
          await abortable(Promise.resolve(joining.get(hex(topic))), options.signal)
          await inner.flush(topic, options)
        }
      }
    })
  ),
  'closes both of two connections': turnsRed(
    { 'simultaneous-dial': 'one-is-left both-connect', scale: 'many-topics' },
    brokenHost(
      (host, { ends }) => ({
        connected: (stream, info) => {
          host.connected(stream, info)
          const same = [...ends.values()]
            .flat()
            .filter((end) => hex(end.publicKey) === hex(stream.publicKey))
            .filter((end) => hex(end.remotePublicKey) === hex(stream.remotePublicKey) && !end.destroying)
          if (same.length > 1) for (const end of same) end.destroy()
        }
      }),
      // It also dials by key the transports that joined the topic in the same tick, so that there are two connections.
      (inner, { hosts, joined }, self) => ({
        join: (topic, mode) => {
          inner.join(topic, mode)
          if (!mode.announce || !mode.lookup) return
          const others = joined.get(hex(topic)) ?? new Set()
          joined.set(hex(topic), others)
          for (const other of others)
            inner.connect!(hosts.get(other)!.keyPair.publicKey, noSignal()).catch(() => {})
          others.add(self())
          setImmediate(() => others.delete(self()))
        }
      })
    )
  ),
  'has room for five connections': turnsRed(
    { scale: 'full-mesh mesh-carries many-found' },
    brokenHost((host) => {
      const open = new Set<NoiseStream>()
      return {
        wants: (key) => open.size < 5 && host.wants(key),
        connected: (stream, info) => {
          open.add(stream)
          stream.once('close', () => open.delete(stream))
          host.connected(stream, info)
        }
      }
    })
  ),
  'flushes ten topics at most': turnsRed(
    { scale: 'many-topics' },
    broken((inner) => {
      const topics = new Set<string>()
      return {
        flush: async (topic, options) => {
          topics.add(hex(topic))
          await inner.flush(topic, options)
          if (topics.size > 10) await new Promise(() => {})
        }
      }
    })
  ),
  'mixes up its connections from the fifth on': turnsRed(
    { scale: 'mesh-carries' },
    brokenHost((host) => {
      const open: NoiseStream[] = []
      return {
        connected: (stream, info) => {
          open.push(stream)
          if (open.length === 5) {
            const first = open[0]!.write.bind(open[0])
            replace(stream, { write: first })
          }
          host.connected(stream, info)
        }
      }
    })
  )
}
