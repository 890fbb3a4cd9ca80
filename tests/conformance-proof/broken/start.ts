import { broken, never, noSignal, turns } from './sabotage.js'
import { type BrokenTransports, turnsRed } from './turns-red.js'

export const start: BrokenTransports = {
  'starts only in company': turnsRed(
    {
      fixture: 'isolated-networks closes methods',
      start: 'alone aborted same-key-again key-pair-stays plain-bytes',
      flush: 'unwanted-counts refused-counts',
      stop: 'frees-handles frees-dials',
      connect: 'unwanted frees-an-aborted-one',
      suspend: 'stops stops-while-resuming',
      faults: 'silent-dial-stops',
      'hostile-bytes': 'stop',
      offline: 'starts-offline flush-aborts tells-state stops-offline'
    },
    broken((inner, { company }) => ({
      start: async (host) => {
        await company()
        await inner.start(host)
      }
    }))
  ),
  'dials everybody who starts': turnsRed(
    {
      start: 'joins-nothing',
      'join-and-leave':
        'announcing-does-not-dial looking-up-does-not-announce topics-apart drops-announce drops-lookup leave-ends-announcing leave-ends-lookup',
      stop: 'not-found finds-nobody',
      connect: 'unknown aborted-in-hand',
      suspend: 'not-found finds-nobody',
      faults: 'connect-fails unreachable-counts silent-flush-aborts silent-connect-aborts silent-dial-stops'
    },
    broken((inner, { hosts }, self) => ({
      start: async (host) => {
        await inner.start(host)
        for (const { keyPair } of hosts.values())
          inner.connect!(keyPair.publicKey, noSignal()).catch(() => {})
        hosts.set(self(), host)
      }
    }))
  ),
  'goes on starting after the abort': turnsRed(
    { start: 'aborted' },
    broken((inner) => ({
      start: async (host) => {
        await turns(1)
        if (host.signal.aborted) await never
        await inner.start(host)
      }
    }))
  ),
  'keeps a list of keys for ever': turnsRed(
    { start: 'same-key-again' },
    broken((inner, { hosts }, self) => ({
      start: async (host) => {
        for (const { keyPair } of hosts.values()) {
          if (keyPair === host.keyPair) throw new Error('this key is taken')
        }
        hosts.set(self(), host)
        await inner.start(host)
      }
    }))
  ),
  'wipes the key pair when it stops': turnsRed(
    { start: 'same-key-again key-pair-stays' },
    broken((inner, { hosts }, self) => ({
      start: (host) => {
        hosts.set(self(), host)
        return inner.start(host)
      },
      stop: async () => {
        await inner.stop()
        hosts.get(self())?.keyPair.secretKey.fill(0)
      }
    }))
  ),
  'takes topics for Buffers': turnsRed(
    { start: 'plain-bytes' },
    broken((inner) => ({
      join: (topic, mode) => {
        if (!(topic as Buffer).equals) throw new TypeError('topic.equals is not a function')
        inner.join(topic, mode)
      }
    }))
  )
}
