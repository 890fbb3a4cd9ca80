import type { TransportFixture } from '../../src/index.js'
import { broken, hex, never, noSignal } from './sabotage.js'

export const connect: Readonly<Record<string, TransportFixture>> = {
  'does not connect': broken(() => ({ connect: async () => {} })),
  'says that it has connected too early': broken((inner) => ({
    connect: async (key, options) => {
      options.signal.throwIfAborted()
      inner.connect!(key, options).catch(() => {})
    }
  })),
  'connects anew though it is connected': broken((inner, { ends, hosts }, self) => ({
    connect: async (key, options) => {
      const own = hosts.get(self())!.keyPair.publicKey
      for (const stream of [...ends.values()].flat()) {
        if (hex(stream.publicKey) !== hex(own) || hex(stream.remotePublicKey) !== hex(key)) continue
        if (stream.destroyed) continue
        stream.destroy()
        await new Promise<void>((resolve) => stream.once('close', resolve))
      }
      await inner.connect!(key, options)
    }
  })),
  'refuses a second connect meanwhile': broken((inner) => {
    let connecting = false
    return {
      connect: async (key, options) => {
        if (connecting) throw new Error('busy')
        connecting = true
        try {
          await inner.connect!(key, options)
        } finally {
          connecting = false
        }
      }
    }
  }),
  'connects to each peer once': broken((inner) => {
    const known = new Set<string>()
    return {
      connect: async (key, options) => {
        if (known.has(hex(key))) return
        await inner.connect!(key, options)
        known.add(hex(key))
      }
    }
  }),
  'looks for an unknown key for ever': broken((inner) => ({
    connect: async (key, options) => {
      await inner.connect!(key, options).catch(async (error: unknown) => {
        if (String(error).includes('no peer with this key')) await never
        throw error
      })
    }
  })),
  'resolves a connect that failed': broken((inner) => ({
    connect: async (key, options) => {
      await inner.connect!(key, options).catch(() => {})
      options.signal.throwIfAborted()
    }
  })),
  'ignores the abort of a connect': broken((inner) => ({
    connect: (key) => inner.connect!(key, noSignal())
  })),
  'rejects a connect with an error of its own': broken((inner) => ({
    connect: async (key, options) => {
      await inner.connect!(key, options).catch(() => {
        throw new Error('could not connect')
      })
    }
  })),
  'never connects again after an abort': broken((inner) => {
    let spoilt = false
    return {
      connect: async (key, options) => {
        if (spoilt) throw new Error('aborted before')
        await inner.connect!(key, options).catch((error: unknown) => {
          spoilt = options.signal.aborted
          throw error
        })
      }
    }
  }),
  'stays on the signal of a connect': broken((inner) => ({
    connect: async (key, options) => {
      options.signal.addEventListener('abort', () => {})
      await inner.connect!(key, options)
    }
  }))
}
