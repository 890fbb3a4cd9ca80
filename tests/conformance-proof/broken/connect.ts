import { broken, hex, never, noSignal } from './sabotage.js'
import { type BrokenTransports, turnsRed } from './turns-red.js'

export const connect: BrokenTransports = {
  'does not connect': turnsRed(
    {
      'simultaneous-dial': 'both-connect',
      connect:
        'reaches handed-over-first several-at-once again unknown unwanted aborted-before aborted-in-hand aborted-and-again',
      faults: 'connect-fails silent-connect-aborts'
    },
    broken(() => ({ connect: async () => {} }))
  ),
  'says that it has connected too early': turnsRed(
    {
      connect: 'handed-over-first several-at-once unknown unwanted aborted-in-hand',
      faults: 'connect-fails silent-connect-aborts'
    },
    broken((inner) => ({
      connect: async (key, options) => {
        options.signal.throwIfAborted()
        inner.connect!(key, options).catch(() => {})
      }
    }))
  ),
  'connects anew though it is connected': turnsRed(
    { connect: 'connected-already' },
    broken((inner, { ends, hosts }, self) => ({
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
    }))
  ),
  'refuses a second connect meanwhile': turnsRed(
    { connect: 'several-at-once' },
    broken((inner) => {
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
    })
  ),
  'connects to each peer once': turnsRed(
    { connect: 'again' },
    broken((inner) => {
      const known = new Set<string>()
      return {
        connect: async (key, options) => {
          if (known.has(hex(key))) return
          await inner.connect!(key, options)
          known.add(hex(key))
        }
      }
    })
  ),
  'looks for an unknown key for ever': turnsRed(
    { connect: 'unknown' },
    broken((inner) => ({
      connect: async (key, options) => {
        await inner.connect!(key, options).catch(async (error: unknown) => {
          if (String(error).includes('no peer with this key')) await never
          throw error
        })
      }
    }))
  ),
  'resolves a connect that failed': turnsRed(
    { connect: 'unknown unwanted', faults: 'connect-fails' },
    broken((inner) => ({
      connect: async (key, options) => {
        await inner.connect!(key, options).catch(() => {})
        options.signal.throwIfAborted()
      }
    }))
  ),
  'ignores the abort of a connect': turnsRed(
    { connect: 'aborted-before aborted-in-hand', faults: 'silent-connect-aborts' },
    broken((inner) => ({
      connect: (key) => inner.connect!(key, noSignal())
    }))
  ),
  'rejects a connect with an error of its own': turnsRed(
    { connect: 'aborted-before aborted-in-hand', faults: 'silent-connect-aborts' },
    broken((inner) => ({
      connect: async (key, options) => {
        await inner.connect!(key, options).catch(() => {
          throw new Error('could not connect')
        })
      }
    }))
  ),
  'never connects again after an abort': turnsRed(
    { connect: 'aborted-and-again' },
    broken((inner) => {
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
    })
  ),
  'stays on the signal of a connect': turnsRed(
    { connect: 'lets-go-of-signal' },
    broken((inner) => ({
      connect: async (key, options) => {
        options.signal.addEventListener('abort', () => {})
        await inner.connect!(key, options)
      }
    }))
  )
}
