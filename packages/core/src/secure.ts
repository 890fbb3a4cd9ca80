import type { EventEmitter } from 'node:events'
import NoiseSecretStream from '@hyperswarm/secret-stream'
import type { KeyPair } from './contract.js'
import { NetworkerError } from './errors.js'
import { HandshakeGuard } from './handshake-guard.js'
import { isBytes, sameKey, toHex } from './keys.js'
import type { NoiseStream } from './noise-stream.js'
import { destroyWhenSilent } from './silence.js'
import { whenAborted } from './wait.js'

/** Any duplex stream of bytes: a `net.Socket`, a UDX stream, a streamx or Node `Duplex`. */
export interface RawStream {
  readonly destroyed: boolean
  write(data: Uint8Array): boolean
  end(...data: never[]): unknown
  destroy(error?: Error): unknown
  pause(): unknown
  resume(): unknown
  on(event: never, listener: never): unknown
  removeListener(event: never, listener: never): unknown
}

export interface SecureOptions {
  /** Ours: `host.keyPair`. */
  readonly keyPair: KeyPair
  /** True on the side that dialled. The two ends must differ. */
  readonly isInitiator: boolean
  /** 32 bytes. Given, any other peer is refused with `PEER_MISMATCH`. */
  readonly remotePublicKey?: Uint8Array | undefined
  /**
   * Milliseconds until a remote that is silent during the handshake is given up.
   * @default 10_000
   */
  readonly handshakeTimeout?: number | undefined
  /**
   * Milliseconds until an open stream that nothing is heard of is destroyed. Give it on both ends, and alike: a side
   * that has nothing to say sends an empty frame five times in that span. A reader that pauses, or a remote that
   * has ended its side, is not silence. For carriers that do not notice by themselves that a remote is gone.
   * @default 0, never
   */
  readonly idleTimeout?: number | undefined
  /** Ends the handshake. It does not matter to the open stream. */
  readonly signal?: AbortSignal | undefined
}

/** As long as hyperdht waits for the first message of a handshake, in milliseconds. */
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
  const { keyPair, isInitiator, idleTimeout, signal } = options
  const emitter = raw as unknown as EventEmitter
  let guard: HandshakeGuard | undefined
  let stream: NoiseStream | undefined
  try {
    check(options)
    signal?.throwIfAborted()
    if (raw.destroyed) throw failed()
    guard = new HandshakeGuard(raw, isInitiator)
    stream = new NoiseSecretStream(isInitiator, raw, { keyPair }) as unknown as NoiseStream
    stream.on('error', noop) // an error that nobody listens to ends the process
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

function check({ keyPair, isInitiator, remotePublicKey }: SecureOptions): void {
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
      const onend = () => reject(failed()) // half-closed, it would stay pending
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
  const reason = cause instanceof Error ? cause.message : 'the remote closed the connection'
  return new NetworkerError(
    'HANDSHAKE_FAILED',
    `${reason}; check that the remote speaks Noise, and that only one end is the initiator`,
    { cause }
  )
}

function noop(): void {}
