import type { TransportHost } from '@basestore/networker/transport'
import type { TransportFixture } from '../../src/index.js'
import { broken, brokenHost, leak, leaked, never, noSignal, turns } from './sabotage.js'

export const stop: Readonly<Record<string, TransportFixture>> = {
  'never stops': broken((inner) => ({
    stop: async () => {
      await inner.stop()
      await never
    }
  })),
  'waits for its streams to stop': broken((inner, { ends, hosts }, self) => ({
    stop: async () => {
      await inner.stop()
      const key = hosts.get(self())!.keyPair.publicKey
      const own = [...ends.values()].flat().filter(({ publicKey }) => Buffer.compare(publicKey, key) === 0)
      await Promise.all(
        own.map((stream) => stream.destroyed || new Promise<void>((resolve) => stream.once('close', resolve)))
      )
    }
  })),
  'hangs when it stops while it leaves': broken((inner) => {
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
  }),
  'hands over after stop': brokenHost(
    (host) => heedless(host),
    (inner) => ({ stop: () => void turns(3).then(() => inner.stop()) })
  ),
  'goes on when it stops': brokenHost(
    (host) => heedless(host),
    () => ({ stop: () => {} })
  ),
  'stops everybody': broken((inner, { ends }) => ({
    stop: async () => {
      await inner.stop()
      for (const stream of [...ends.values()].flat()) stream.destroy()
    }
  })),
  'keeps a timer': broken((inner) => ({
    start: (host) => {
      leak()
      return inner.start(host)
    }
  })),
  'keeps a timer for each connection': brokenHost((host) => ({
    connected: (stream, info) => {
      leak()
      host.connected(stream, info)
    }
  })),
  'leaks on an aborted dial': broken((inner) => {
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
  }),
  'hangs when it stops while it dials': broken((inner) => {
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
}

/** Goes on as if nothing had been aborted. */
function heedless(host: TransportHost): Partial<TransportHost> {
  return {
    signal: new AbortController().signal,
    wants: (key) => (host.signal.aborted ? true : host.wants(key))
  }
}
