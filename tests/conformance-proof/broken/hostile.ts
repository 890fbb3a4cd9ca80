import { randomBytes } from 'node:crypto'
import { type Duplex, PassThrough } from 'node:stream'
import type { FixtureNetwork, TransportFixture } from '@basestore/conformance'
import type { NoiseStream, Transport } from '@basestore/networker/transport'
import { brokenNetwork, brokenStreams, replace, type Shared, turns } from './sabotage.js'
import { type BrokenTransports, turnsRed } from './turns-red.js'

export const hostile: BrokenTransports = {
  'shakes hands with one at a time': turnsRed(
    { 'hostile-bytes': 'silence' },
    strangers((raw, transport, shared) => {
      const accept = refuseAll(transport, shared)
      raw.once('close', accept)
    })
  ),
  'gives up listening when a handshake fails': turnsRed(
    { 'hostile-bytes': 'garbage long-frame early-end reset half-handshake our-own-key many' },
    strangers((raw, transport, shared) => {
      raw.once('close', () => refuseAll(transport, shared))
    })
  ),
  'takes whoever sends something for a peer': turnsRed(
    { 'hostile-bytes': 'garbage long-frame half-handshake our-own-key many' },
    strangers((raw, transport, { hosts }) => {
      const write = raw.write.bind(raw)
      replace(raw, {
        write: (bytes: Uint8Array) => {
          const host = hosts.get(transport)!
          const peer = {
            publicKey: host.keyPair.publicKey,
            remotePublicKey: randomBytes(32),
            connected: true
          }
          host.connected(Object.assign(new PassThrough(), peer) as unknown as NoiseStream, { type: 'memory' })
          return write(bytes)
        }
      })
    })
  ),
  'does not hang up on strangers when it stops': turnsRed(
    { 'hostile-bytes': 'stop' },
    strangers(
      () => {},
      () => new PassThrough()
    )
  ),
  'gives up a peer that does not answer at once': turnsRed(
    { data: 'buffer-used-again pause' },
    brokenStreams((stream, { other }) => {
      const write = stream.write.bind(stream)
      const counts = { sent: 0, received: 0 }
      stream.once('close', () => {
        counts.sent = 0
      })
      replace(stream, {
        counts,
        write: (frame: Uint8Array) => {
          counts.sent++
          void turns(4).then(() => {
            const remote = other() as (NoiseStream & { counts?: typeof counts }) | undefined
            if (remote?.counts && remote.counts.received < counts.sent) stream.destroy()
          })
          return write(frame)
        },
        emit: received(stream, counts)
      } as object)
    })
  )
}

/** A network that the cases dial as strangers. */
function strangers(
  meet: (raw: Duplex, transport: Transport, shared: Shared) => void,
  dial?: () => Duplex
): TransportFixture {
  return brokenNetwork((network, shared): FixtureNetwork => {
    const { faults } = network
    return {
      ...network,
      faults: {
        ...faults!,
        dial: async (transport) => {
          const raw = dial?.() ?? (await faults!.dial!(transport))
          meet(raw, transport, shared)
          return raw
        }
      }
    }
  })
}

/** Lets a transport's host want nobody, until the returned function is called. */
function refuseAll(transport: Transport, { hosts }: Shared): () => void {
  const host = hosts.get(transport)!
  const { wants } = host
  replace(host, { wants: () => false })
  return () => replace(host, { wants })
}

function received(stream: NoiseStream, counts: { received: number }) {
  const emit = (stream as unknown as PassThrough).emit.bind(stream)
  return (event: string, ...args: unknown[]) => {
    if (event === 'data') counts.received++
    return emit(event, ...args)
  }
}
