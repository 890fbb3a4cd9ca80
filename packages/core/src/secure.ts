import type { EventEmitter } from 'node:events'
import { checkOptions, isNetworkerError, NetworkerError, type OptionKinds } from '@basestore/extensions'
import NoiseSecretStream from '@hyperswarm/secret-stream'
import type { KeyPair } from './contract.js'
import { HandshakeGuard } from './handshake-guard.js'
import { isBytes, sameKey, toHex } from './keys.js'
import type { NoiseStream } from './noise-stream.js'
import { noop } from './noop.js'
import type { RawStream } from './raw-stream.js'
import { destroyWhenSilent } from './silence.js'
import { whenAborted } from './wait.js'

export interface SecureOptions {
  /** Ours: `host.keyPair`. */
  readonly keyPair: KeyPair
  /** True on the side that dialled. The two ends must differ. */
  readonly isInitiator: boolean
  /** 32 bytes. When it is given, any other peer is refused with `PEER_MISMATCH`. @default any peer */
  readonly remotePublicKey?: Uint8Array | undefined
  /**
   * Time for the remote to finish the handshake, in milliseconds.
   * @default 10_000
   */
  readonly handshakeTimeout?: number | undefined
  /**
   * Milliseconds until an open stream is destroyed when nothing arrives on it. For carriers that do not notice by
   * themselves that a remote is gone. Give both ends the same value: each sends an empty frame five times in that span
   * when it has nothing else to send. A paused reader does not count as silence, nor does a remote that has ended its
   * side.
   * @default 0, never
   */
  readonly idleTimeout?: number | undefined
  /** Ends the handshake. It has no effect on the open stream. */
  readonly signal?: AbortSignal | undefined
}

const OPTIONS: OptionKinds<SecureOptions> = {
  keyPair: 'any',
  isInitiator: 'any',
  remotePublicKey: 'any',
  handshakeTimeout: 'number',
  idleTimeout: 'number',
  signal: 'signal'
}

/** Time for a handshake (ms). hyperdht waits as long for the first message of one. */
const HANDSHAKE_TIMEOUT = 10_000

/**
 * Turns any duplex stream into an authenticated, encrypted one: Noise XX, as `@hyperswarm/secret-stream` does it.
 * The raw stream belongs to the result from here on, and is destroyed when the handshake fails.
 *
 * @throws NetworkerError `HANDSHAKE_FAILED` when the remote sends garbage or closes, `HANDSHAKE_TIMEOUT` when it
 * is silent, `PEER_MISMATCH` when another key answers than the expected one, `SELF_CONNECTION` when the remote
 * has our own key, `INVALID_OPTION`. An abort rejects with the signal's reason.
 */
export async function secure(raw: RawStream, options: SecureOptions): Promise<NoiseStream> {
  const emitter = raw as unknown as EventEmitter
  let guard: HandshakeGuard | undefined
  let stream: NoiseStream | undefined
  try {
    verifyOptions(options)
    const { keyPair, isInitiator, idleTimeout, signal } = options
    signal?.throwIfAborted()
    if (raw.destroyed) throw failed()
    guard = new HandshakeGuard(raw, isInitiator)
    stream = new NoiseSecretStream(isInitiator, raw, { keyPair }) as unknown as NoiseStream
    stream.on('error', noop) // an error without a listener would end the process
    guard.protect(stream)
    await opened(stream, emitter, options)
    verify(stream.remotePublicKey, options)
    if (idleTimeout) destroyWhenSilent(stream, emitter, idleTimeout)
    return stream
  } catch (error) {
    emitter.on('error', noop)
    stream?.destroy()
    raw.destroy()
    throw error
  } finally {
    guard?.release()
  }
}

function verifyOptions(options: SecureOptions): void {
  checkOptions<SecureOptions>(options, OPTIONS, { what: 'the options of secure()' })
  const { keyPair, isInitiator, remotePublicKey } = options
  if (typeof isInitiator !== 'boolean') {
    throw new NetworkerError('INVALID_OPTION', 'isInitiator must be a boolean: true on the side that dialled')
  }
  if (!isBytes(keyPair?.publicKey, 32) || !isBytes(keyPair.secretKey, 64)) {
    throw new NetworkerError('INVALID_OPTION', 'keyPair must have both keys; pass host.keyPair')
  }
  if (remotePublicKey !== undefined && !isBytes(remotePublicKey, 32)) {
    throw new NetworkerError(
      'INVALID_OPTION',
      'remotePublicKey must be 32 bytes; leave it out when it is not known'
    )
  }
}

async function opened(stream: NoiseStream, raw: EventEmitter, options: SecureOptions): Promise<void> {
  const { handshakeTimeout = HANDSHAKE_TIMEOUT, signal } = options
  let cleanUp = noop
  try {
    await new Promise<void>((resolve, reject) => {
      const onfailure = (error?: unknown) => reject(failed(error))
      const onend = () => reject(failed()) // a half-closed raw stream would keep it pending
      const timer = setTimeout(() => reject(timedOut(handshakeTimeout)), handshakeTimeout)
      stream.on('connect', resolve)
      stream.on('error', onfailure)
      stream.on('close', onfailure)
      raw.on('end', onend)
      const letGo = signal && whenAborted(signal, () => reject(signal.reason))
      cleanUp = () => {
        clearTimeout(timer)
        stream.removeListener('connect', resolve)
        stream.removeListener('error', onfailure)
        stream.removeListener('close', onfailure)
        raw.removeListener('end', onend)
        letGo?.()
      }
    })
  } finally {
    cleanUp()
  }
}

function verify(actual: Uint8Array, { keyPair, remotePublicKey }: SecureOptions): void {
  if (sameKey(actual, keyPair.publicKey)) {
    throw new NetworkerError(
      'SELF_CONNECTION',
      'the remote has our own key; ask host.wants(key) before dialling, and give each process its own key pair'
    )
  }
  if (remotePublicKey && !sameKey(actual, remotePublicKey)) {
    throw new NetworkerError(
      'PEER_MISMATCH',
      `expected ${toHex(remotePublicKey)}, got ${toHex(actual)}; the address belongs to another peer by now`
    )
  }
}

function timedOut(ms: number): NetworkerError {
  return new NetworkerError(
    'HANDSHAKE_TIMEOUT',
    `the remote did not finish within ${ms} ms; check that it speaks Noise on this address`
  )
}

function failed(cause?: unknown): NetworkerError {
  if (isNetworkerError(cause)) return cause
  const reason = cause instanceof Error ? cause.message : 'the remote closed the connection'
  return new NetworkerError(
    'HANDSHAKE_FAILED',
    `${reason}; check that the remote speaks Noise, and that only one end is the initiator`,
    { cause }
  )
}
