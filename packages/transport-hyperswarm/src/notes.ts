import type { DialFailure, TransportHost, TransportNote } from '@basestore/networker/transport'
import { type Connection, connectionTo, type PeerInfo, type Swarm } from './swarm.js'

/** The codes of HyperDHT's errors. All others are `failed`. */
const OUTCOMES: Readonly<Record<string, DialFailure>> = {
  PEER_NOT_FOUND: 'gone',
  PEER_CONNECTION_FAILED: 'timeout',
  HANDSHAKE_UNFINISHED: 'timeout',
  HOLEPUNCH_PROBE_TIMEOUT: 'timeout',
  // Also when we are open, and the remote that should dial us back does not.
  HOLEPUNCH_ABORTED: 'timeout',
  REMOTE_NOT_HOLEPUNCHING: 'timeout',
  ETIMEDOUT: 'timeout',
  ECONNRESET: 'reset',
  REMOTE_ABORTED: 'unreachable',
  SERVER_ERROR: 'unreachable',
  SERVER_INCOMPATIBLE: 'unreachable',
  BAD_HANDSHAKE_REPLY: 'garbled',
  HANDSHAKE_INVALID: 'garbled',
  HOLEPUNCH_DOUBLE_RANDOMIZED_NATS: 'nat',
  CANNOT_HOLEPUNCH: 'nat',
  REMOTE_NOT_HOLEPUNCHABLE: 'nat',
  NODE_DESTROYED: 'aborted',
  SUSPENDED: 'aborted',
  DUPLICATE_CONNECTION: 'aborted'
}

/**
 * Tells the networker what a swarm of ours dials.
 *
 * @param onfound called for each peer that a node names, with the topic of the lookup
 */
export function tellDials(
  swarm: Swarm,
  host: TransportHost,
  onfound: (topic: Uint8Array, remotePublicKey: Uint8Array) => void
): void {
  const connect = swarm._connect.bind(swarm)
  swarm._connect = (info, queued) => {
    const before = connectionTo(swarm, info.publicKey)
    connect(info, queued)
    const dialled = connectionTo(swarm, info.publicKey)
    if (dialled && dialled !== before) tellDial(dialled, info, host)
  }
  const handlePeer = swarm._handlePeer.bind(swarm)
  swarm._handlePeer = (peer, topic) => {
    // A peer that we pass in ourselves, since it is wanted again, was found before.
    if (!('topics' in peer)) onfound(topic, peer.publicKey)
    handlePeer(peer, topic)
  }
}

function tellDial(dialled: Connection, { publicKey }: PeerInfo, host: TransportHost): void {
  host.note({ type: 'dial', remotePublicKey: publicKey })
  let cause: unknown
  const onerror = (error: unknown) => {
    cause = error
  }
  const onclose = () => host.note(failure(publicKey, cause))
  dialled.on('error', onerror)
  dialled.once('close', onclose)
  dialled.once('connect', () => {
    dialled.removeListener('error', onerror)
    dialled.removeListener('close', onclose)
  })
}

function failure(remotePublicKey: Uint8Array, cause: unknown): TransportNote {
  const { code = '' } = (cause ?? {}) as { code?: string }
  // Without an error it was we who destroyed it.
  const outcome = cause ? (Object.hasOwn(OUTCOMES, code) ? OUTCOMES[code]! : 'failed') : 'aborted'
  const both = code === 'HOLEPUNCH_DOUBLE_RANDOMIZED_NATS' && { nat: { ours: 'random', theirs: 'random' } }
  return { type: 'failed', remotePublicKey, outcome, ...both, cause }
}
