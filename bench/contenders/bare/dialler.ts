import NoiseSecretStream from '@hyperswarm/secret-stream'
import { Duplex } from 'streamx'
import type { Connection, Dialler } from '../dialler.js'

/** Secret streams over plain duplex streams in memory, with nothing above them. */
export function bareDialler(count: number): Dialler {
  const keyPair = NoiseSecretStream.keyPair()
  const next = Array.from({ length: count }, () => NoiseSecretStream.keyPair()).values()
  const open = new Set<Connection>()
  return {
    async dial() {
      const connection = await connect(next.next().value!, keyPair)
      open.add(connection)
      return {
        ...connection,
        close() {
          open.delete(connection)
          return connection.close()
        }
      }
    },
    async close() {
      await Promise.all([...open].map((connection) => connection.close()))
    }
  }
}

type KeyPair = ReturnType<typeof NoiseSecretStream.keyPair>

async function connect(dialler: KeyPair, listener: KeyPair): Promise<Connection> {
  const [raw, remoteRaw] = rawPair()
  const there = new NoiseSecretStream(true, raw, { keyPair: dialler })
  const here = new NoiseSecretStream(false, remoteRaw, { keyPair: listener })
  const opened = await Promise.all([there.opened, here.opened])
  const proven = [there.remotePublicKey, here.remotePublicKey].map((key) => Buffer.from(key))
  if (
    !opened.every(Boolean) ||
    !proven[0]!.equals(listener.publicKey) ||
    !proven[1]!.equals(dialler.publicKey)
  ) {
    throw new Error('another peer was connected')
  }
  here.on('data', (bytes) => here.write(bytes))
  return {
    echo: (bytes) =>
      new Promise((resolve) => {
        there.once('data', resolve)
        there.write(bytes)
      }),
    async close() {
      const closed = [there, here].map(
        (stream) => new Promise<void>((resolve) => stream.once('close', () => resolve()))
      )
      there.destroy()
      await Promise.all(closed)
    }
  }
}

/** The two ends of a pipe. It delivers in a microtask, and each end closes with the other. */
function rawPair(): [Duplex, Duplex] {
  const end = (other: () => Duplex): Duplex =>
    new Duplex({
      write(data, done) {
        queueMicrotask(() => {
          other().push(data)
          done(null)
        })
      },
      predestroy: () => queueMicrotask(() => other().destroy())
    })
  const there = end(() => here)
  const here = end(() => there)
  return [there, here]
}
