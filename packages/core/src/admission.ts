import type { KeyPair, StreamInfo, TransportHost } from './contract.js'
import { NetworkerError } from './errors.js'
import { isBytes, sameKey, toId } from './keys.js'
import type { NoiseStream } from './noise-stream.js'
import type { Firewall } from './options.js'
import type { Peers } from './peers.js'
import type { TransportSlot } from './transport-slot.js'
import { settledWithin } from './wait.js'

/** How long a firewall may take to answer, in milliseconds. */
const FIREWALL_TIMEOUT = 10_000

export interface AdmissionOptions {
  readonly keyPair: KeyPair
  readonly firewall: Firewall | null
  readonly maxPeers: number
  readonly signal: AbortSignal
  readonly peers: Peers
  /** False while nothing may be admitted: suspended, closing. */
  open(): boolean
  onfault(error: unknown): void
}

/** Decides which streams become links of a peer: the transport's contract, `maxPeers`, the firewall. */
export class Admission {
  readonly #options: AdmissionOptions
  /** Streams that a firewall thinks about. */
  readonly #pending = new Map<NoiseStream, Promise<void>>()

  constructor(options: AdmissionOptions) {
    this.#options = options
  }

  /** What one transport sees of the networker. */
  hostFor(slot: TransportSlot): TransportHost {
    const { keyPair, signal, onfault } = this.#options
    return {
      keyPair,
      signal,
      wants: (remotePublicKey) => isBytes(remotePublicKey, 32) && this.#wants(remotePublicKey, slot),
      connected: (stream, info) => {
        try {
          this.#connected(stream, info, slot)
        } catch (error) {
          onfault(error)
        }
      },
      fault: onfault
    }
  }

  /** Settles when the streams that a firewall has in hand now are admitted or refused; undefined without any. */
  settled(): Promise<unknown> | undefined {
    return this.#pending.size > 0 ? Promise.all(this.#pending.values()) : undefined
  }

  /** Refuses the streams in hand. */
  refuseAll(): void {
    for (const stream of this.#pending.keys()) stream.destroy()
  }

  #wants(remotePublicKey: Uint8Array, slot: TransportSlot): boolean {
    if (!this.#options.open() || sameKey(remotePublicKey, this.#options.keyPair.publicKey)) return false
    const peer = this.#options.peers.get(remotePublicKey)
    if (!peer) return this.#hasRoom()
    return !peer.links.some((link) => link.slot.rank < slot.rank && !link.ending)
  }

  #hasRoom(): boolean {
    const { peers, maxPeers } = this.#options
    if (maxPeers === Number.POSITIVE_INFINITY) return true
    const coming = new Set<string>()
    for (const { remotePublicKey } of this.#pending.keys()) {
      if (!peers.get(remotePublicKey)) coming.add(toId(remotePublicKey))
    }
    return peers.set.size + coming.size < maxPeers
  }

  #connected(stream: NoiseStream, info: StreamInfo, slot: TransportSlot): void {
    const breach = this.#breach(stream)
    if (breach) {
      this.#refuseBreach(stream, slot, breach)
      return
    }
    stream.on('error', noop) // an error that nobody listens to ends the process

    if (stream.destroying) return
    if (!this.#options.open() || !this.#isWelcome(stream)) {
      stream.destroy()
      return
    }
    const verdict = this.#askFirewall(stream, info, slot)
    if (typeof verdict === 'boolean') this.#settle(verdict, stream, info, slot)
    else this.#pending.set(stream, this.#decide(verdict, stream, info, slot))
  }

  #isWelcome({ remotePublicKey }: NoiseStream): boolean {
    return this.#options.peers.get(remotePublicKey) !== undefined || this.#hasRoom()
  }

  #settle(refused: boolean, stream: NoiseStream, info: StreamInfo, slot: TransportSlot): void {
    if (refused || !this.#options.open() || !this.#isWelcome(stream)) stream.destroy()
    else this.#options.peers.add(stream, info, slot)
  }

  /** The user's verdict: true refuses. What it throws refuses too. */
  #askFirewall(stream: NoiseStream, info: StreamInfo, slot: TransportSlot): boolean | PromiseLike<boolean> {
    const { firewall, onfault } = this.#options
    if (!firewall) return false
    try {
      const { type, remoteAddress = null } = info
      const verdict: unknown = firewall(stream.remotePublicKey, { transport: slot.name, type, remoteAddress })
      return isPromise(verdict) ? verdict : Boolean(verdict)
    } catch (error) {
      onfault(error)
      return true
    }
  }

  async #decide(
    verdict: PromiseLike<boolean>,
    stream: NoiseStream,
    info: StreamInfo,
    slot: TransportSlot
  ): Promise<void> {
    let refused = true
    const answered = Promise.resolve(verdict).then(
      (answer) => {
        refused = Boolean(answer)
      },
      (error: unknown) => this.#options.onfault(error)
    )
    let onclose = noop
    const closed = new Promise<void>((resolve) => {
      onclose = resolve
      stream.once('close', onclose)
    })
    await settledWithin(Promise.race([answered, closed]), FIREWALL_TIMEOUT)
    stream.removeListener('close', onclose)
    this.#pending.delete(stream)
    if (!stream.destroying) this.#settle(refused, stream, info, slot)
  }

  /** What a cheap look shows of the transport's promises. The conformance suite proves the rest. */
  #breach(stream: NoiseStream): string | null {
    const { keyPair, signal, peers } = this.#options
    if (typeof stream?.write !== 'function') return 'handed over something that is not a stream; use secure()'
    if (peers.streams.has(stream) || this.#pending.has(stream))
      return 'handed one stream over twice; do so once, when it opens'
    if (signal.aborted) return 'handed a stream over after host.signal aborted; destroy it instead'
    if (!stream.connected) return 'handed over a stream that is not open yet; await secure() first'
    if (!isBytes(stream.publicKey, 32) || !sameKey(stream.publicKey, keyPair.publicKey)) {
      return 'handed over a stream with another key than ours; pass host.keyPair to secure()'
    }
    if (!isBytes(stream.remotePublicKey, 32)) return 'handed over a stream without a proven remotePublicKey'
    if (sameKey(stream.remotePublicKey, keyPair.publicKey)) {
      return 'handed over a connection to ourselves; ask host.wants(key) before dialling'
    }
    return null
  }

  #refuseBreach(stream: NoiseStream, slot: TransportSlot, breach: string): void {
    stream?.on?.('error', noop)
    stream?.destroy?.()
    const error = new NetworkerError('TRANSPORT_CONTRACT', `'${slot.name}' ${breach}`, {
      transport: slot.name
    })
    this.#options.onfault(error)
  }
}

function isPromise(value: unknown): value is PromiseLike<boolean> {
  return typeof (value as PromiseLike<boolean> | null)?.then === 'function'
}

function noop(): void {}
