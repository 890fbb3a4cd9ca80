import type { TransportHost } from '@basestore/networker/transport'
import { broken, brokenHost, leak, leaked, never, noSignal, turns } from './sabotage.js'
import { type BrokenTransports, hangsAndTurnsRed, turnsRed } from './turns-red.js'

export const stop: BrokenTransports = {
  'never stops': hangsAndTurnsRed(
    {
      fixture: 'closes',
      start: 'aborted same-key-again key-pair-stays',
      stop: 'all',
      connect: 'frees-an-aborted-one',
      suspend: 'stops stops-while-resuming',
      faults: 'silent-peer-and-other-topics silent-dial-stops',
      'hostile-bytes': 'stop',
      offline: 'stops-offline'
    },
    broken((inner) => ({
      stop: async () => {
        await inner.stop()
        await never
      }
    }))
  ),
  'waits for its streams to stop': turnsRed(
    { stop: 'does-not-wait-for-streams' },
    broken((inner, { ends, hosts }, self) => ({
      stop: async () => {
        await inner.stop()
        const key = hosts.get(self())!.keyPair.publicKey
        const own = [...ends.values()].flat().filter(({ publicKey }) => Buffer.compare(publicKey, key) === 0)
        await Promise.all(
          own.map(
            (stream) => stream.destroyed || new Promise<void>((resolve) => stream.once('close', resolve))
          )
        )
      }
    }))
  ),
  'hangs when it stops while it leaves': turnsRed(
    { stop: 'while-leaving' },
    broken((inner) => {
      let leaving = 0
      return {
        leave: async (topic) => {
          leaving++
          await turns(1)
          await inner.leave(topic)
          leaving--
        },
        stop: async () => {
          if (leaving > 0) await never
          await inner.stop()
        }
      }
    })
  ),
  'hands over after stop': turnsRed(
    { stop: 'while-dialling while-shaking-hands not-found finds-nobody' },
    brokenHost(
      (host) => heedless(host),
      (inner) => ({ stop: () => void turns(3).then(() => inner.stop()) })
    )
  ),
  'goes on when it stops': turnsRed(
    {
      stop: 'while-dialling while-shaking-hands not-found finds-nobody',
      faults: 'silent-dial-stops',
      'hostile-bytes': 'stop'
    },
    brokenHost(
      (host) => heedless(host),
      () => ({ stop: () => {} })
    )
  ),
  'stops everybody': turnsRed(
    { stop: 'leaves-others-alone' },
    broken((inner, { ends }) => ({
      stop: async () => {
        await inner.stop()
        for (const stream of [...ends.values()].flat()) stream.destroy()
      }
    }))
  ),
  'keeps a timer': turnsRed(
    {
      fixture: 'closes',
      stop: 'frees-handles frees-connections frees-dials',
      connect: 'frees-an-aborted-one',
      suspend: 'stops stops-while-resuming',
      faults: 'silent-dial-stops',
      'hostile-bytes': 'stop',
      offline: 'stops-offline'
    },
    broken((inner) => ({
      start: (host) => {
        leak()
        return inner.start(host)
      }
    }))
  ),
  'keeps a timer for each connection': turnsRed(
    { stop: 'frees-connections' },
    brokenHost((host) => ({
      connected: (stream, info) => {
        leak()
        host.connected(stream, info)
      }
    }))
  ),
  'leaks on an aborted dial': turnsRed(
    { stop: 'frees-dials', connect: 'frees-an-aborted-one', offline: 'stops-offline' },
    broken((inner) => {
      const watched = async (work: Promise<void>, signal: AbortSignal) => {
        const timer = leak()
        await work
        if (signal.aborted) return
        clearInterval(timer)
        leaked.delete(timer)
      }
      return {
        flush: (topic, options) => watched(inner.flush(topic, options), options.signal),
        connect: (key, options) => watched(inner.connect!(key, options), options.signal)
      }
    })
  ),
  'hangs when it stops while it dials': turnsRed(
    {
      stop: 'while-flushing while-dialling frees-dials',
      faults: 'silent-peer-and-other-topics silent-dial-stops',
      offline: 'stops-offline'
    },
    broken((inner) => {
      let flushing = 0
      return {
        join: (topic, mode) => {
          inner.join(topic, mode)
          flushing++
          void inner.flush(topic, noSignal()).then(() => flushing--)
        },
        stop: async () => {
          if (flushing > 0) await never
          await inner.stop()
        }
      }
    })
  )
}

/** Hides the abort from the transport, which then goes on. */
function heedless(host: TransportHost): Partial<TransportHost> {
  return {
    signal: new AbortController().signal,
    wants: (key) => (host.signal.aborted ? true : host.wants(key))
  }
}
