import type { TransportFixture } from '../../src/index.js'
import { broken, never, noSignal, turns } from './sabotage.js'

export const start: Readonly<Record<string, TransportFixture>> = {
  'starts only in company': broken((inner, { company }) => ({
    start: async (host) => {
      await company()
      await inner.start(host)
    }
  })),
  'dials everybody who starts': broken((inner, { hosts }, self) => ({
    start: async (host) => {
      await inner.start(host)
      for (const { keyPair } of hosts.values()) inner.connect!(keyPair.publicKey, noSignal()).catch(() => {})
      hosts.set(self(), host)
    }
  })),
  'goes on starting after the abort': broken((inner) => ({
    start: async (host) => {
      await turns(1)
      if (host.signal.aborted) await never
      await inner.start(host)
    }
  })),
  'keeps a list of keys for ever': broken((inner, { hosts }, self) => ({
    start: async (host) => {
      for (const { keyPair } of hosts.values()) {
        if (keyPair === host.keyPair) throw new Error('this key is taken')
      }
      hosts.set(self(), host)
      await inner.start(host)
    }
  })),
  'wipes the key pair when it stops': broken((inner, { hosts }, self) => ({
    start: (host) => {
      hosts.set(self(), host)
      return inner.start(host)
    },
    stop: async () => {
      await inner.stop()
      hosts.get(self())?.keyPair.secretKey.fill(0)
    }
  })),
  'takes topics for Buffers': broken((inner) => ({
    join: (topic, mode) => {
      if (!(topic as Buffer).equals) throw new TypeError('topic.equals is not a function')
      inner.join(topic, mode)
    }
  }))
}
