import { NetworkerError } from '@basestore/extensions'
import type { KeyPair, TransportHost } from './contract.js'
import { isBytes, sameKey, toId } from './keys.js'
import type { Arrival } from './link.js'
import type { NoiseStream } from './noise-stream.js'
import { noop } from './noop.js'
import type { Firewall } from './options.js'
import type { Peers } from './peers.js'
import type { TransportSlot } from './transport-slot.js'
import { settledWithin } from './wait.js'

/** Time for a firewall to answer (ms). Then the stream is refused. */
const FIREWALL_TIMEOUT = 10_000

interface AdmissionContext {
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
  readonly #context: AdmissionContext
  /** Streams on which the firewall has not decided yet. */
  readonly #pending = new Map<NoiseStream, Promise<void>>()

  constructor(context: AdmissionContext) {
    this.#context = context
  }

  /** The networker as one transport sees it. */
  hostFor(slot: TransportSlot): TransportHost {
    const { keyPair, signal, onfault } = this.#context
    return {
      keyPair,
      signal,
      wants: (remotePublicKey) => isBytes(remotePublicKey, 32) && this.#wants(remotePublicKey, slot),
      connected: (stream, info) => {
        try {
          this.#connected({ stream, info, slot })
        } catch (error) {
          onfault(error)
        }
      },
      fault: (error) => slot.tellFault(error),
      online: (state) => slot.tellOnline(state)
    }
  }

  /** Settles when the firewall has decided on each stream that it has now; undefined when it has none. */
  decided(): Promise<unknown> | undefined {
    return this.#pending.size > 0 ? Promise.all(this.#pending.values()) : undefined
  }

  /** Refuses the streams on which the firewall has not decided yet. */
  refuseAll(): void {
    for (const stream of this.#pending.keys()) stream.destroy()
  }

  #wants(remotePublicKey: Uint8Array, slot: TransportSlot): boolean {
    if (!this.#context.open() || sameKey(remotePublicKey, this.#context.keyPair.publicKey)) return false
    const peer = this.#context.peers.get(remotePublicKey)
    if (!peer) return this.#hasRoom()
    return !peer.links.some((link) => link.slot.rank < slot.rank && !link.ending)
  }

  #hasRoom(): boolean {
    const { peers, maxPeers } = this.#context
    if (maxPeers === Number.POSITIVE_INFINITY) return true
    const coming = new Set<string>()
    for (const { remotePublicKey } of this.#pending.keys()) {
      if (!peers.get(remotePublicKey)) coming.add(toId(remotePublicKey))
    }
    return peers.set.size + coming.size < maxPeers
  }

  #connected(arrival: Arrival): void {
    const { stream, slot } = arrival
    const breach = this.#breach(stream)
    if (breach) {
      this.#refuseBreach(stream, slot, breach)
      return
    }
    stream.on('error', noop) // an error without a listener would end the process
    if (stream.destroying) return
    if (!this.#isWelcome(stream)) {
      stream.destroy()
      return
    }
    const verdict = this.#askFirewall(arrival)
    if (typeof verdict === 'boolean') this.#admitUnless(verdict, arrival)
    else this.#pending.set(stream, this.#decide(verdict, arrival))
  }

  #isWelcome({ remotePublicKey }: NoiseStream): boolean {
    const { open, peers } = this.#context
    return open() && (peers.get(remotePublicKey) !== undefined || this.#hasRoom())
  }

  #admitUnless(refused: boolean, arrival: Arrival): void {
    if (refused || !this.#isWelcome(arrival.stream)) arrival.stream.destroy()
    else this.#context.peers.add(arrival)
  }

  /** The firewall's verdict: true refuses. A throw refuses too. */
  #askFirewall({ stream, info, slot }: Arrival): boolean | PromiseLike<boolean> {
    const { firewall, onfault } = this.#context
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

  async #decide(verdict: PromiseLike<boolean>, arrival: Arrival): Promise<void> {
    const { stream } = arrival
    let refused = true
    const answered = Promise.resolve(verdict).then(
      (answer) => {
        refused = Boolean(answer)
      },
      (error: unknown) => this.#context.onfault(error)
    )
    let onclose = noop
    const closed = new Promise<void>((resolve) => {
      onclose = resolve
      stream.once('close', onclose)
    })
    await settledWithin(Promise.race([answered, closed]), FIREWALL_TIMEOUT)
    stream.removeListener('close', onclose)
    this.#pending.delete(stream)
    if (!stream.destroying) this.#admitUnless(refused, arrival)
  }

  /** A broken promise of the transport, if a cheap look shows one. The conformance suite proves the rest. */
  #breach(stream: NoiseStream): string | null {
    const { keyPair, signal, peers } = this.#context
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
    this.#context.onfault(error)
  }
}

function isPromise(value: unknown): value is PromiseLike<boolean> {
  return typeof (value as PromiseLike<boolean> | null)?.then === 'function'
}
