import { type ByeReason, refuseStream } from '@basestore/extensions/internal'
import { breachOf } from './breach.js'
import type { KeyPair, TransportHost } from './contract.js'
import { contractBroken } from './errors.js'
import type { Observer } from './explain/observer.js'
import { isBytes, sameKey, toId } from './keys.js'
import type { Arrival } from './link.js'
import { endWithin, type NoiseStream } from './noise-stream.js'
import { noop } from './noop.js'
import type { Firewall } from './options.js'
import type { Peers } from './peers.js'
import type { Redials } from './redials.js'
import type { TransportSlot } from './transport-slot.js'
import { settledWithin } from './wait.js'

/** Time for a firewall to answer (ms). Then the stream is refused. */
const FIREWALL_TIMEOUT = 10_000
/** Time for a remote that is refused to hear why (ms). Then its stream is destroyed. */
const REFUSAL_TIMEOUT = 1_000
/** The most remotes that hear at a time why they are refused. The streams of others are destroyed at once. */
const MAX_REFUSALS = 64

interface AdmissionContext {
  readonly keyPair: KeyPair
  readonly firewall: Firewall | null
  readonly maxPeers: number
  readonly signal: AbortSignal
  readonly peers: Peers
  readonly redials: Redials
  readonly observer: Observer
  /** Why nothing may be admitted now; null when the networker is open. */
  closed(): ByeReason | null
  onfault(error: unknown): void
}

/** Decides which streams become links of a peer: the transport's contract, `maxPeers`, the firewall. */
export class Admission {
  readonly #context: AdmissionContext
  /** Streams on which the firewall has not decided yet. */
  readonly #pending = new Map<NoiseStream, Promise<void>>()
  /** Streams that are being refused, each until it has closed. */
  readonly #refusing = new Map<NoiseStream, Promise<void>>()
  /** When each ban ends (ms of `performance.now()`), by public key. */
  readonly #bans = new Map<string, number>()

  constructor(context: AdmissionContext) {
    this.#context = context
  }

  /** The networker as one transport sees it. */
  hostFor(slot: TransportSlot): TransportHost {
    const { keyPair, signal, observer, onfault } = this.#context
    return {
      keyPair,
      signal,
      wants: (remotePublicKey, { inbound = false } = {}) =>
        isBytes(remotePublicKey, 32) && this.#wants(remotePublicKey, slot, inbound),
      connected: (stream, info) => {
        try {
          this.#connected({ stream, info, slot })
        } catch (error) {
          onfault(error)
        }
      },
      refuse: (stream) => {
        stream.on('error', noop)
        const reason = this.#refusal(stream)
        if (reason) this.#deny(stream, slot, reason)
        else stream.destroy() // another stream carries the peer
      },
      fault: (error) => slot.tellFault(error),
      online: (state) => slot.tellOnline(state),
      note: (note) => observer.note(slot.name, note)
    }
  }

  /**
   * Settles when both sides have decided on each stream that is there now: our firewall, and then the remote. Undefined
   * when all are decided.
   *
   * @param remotePublicKey to wait for the streams of this remote alone
   */
  decided(remotePublicKey?: Uint8Array): Promise<unknown> | undefined {
    const { greetings } = this.#context.peers
    const pending = [...this.#pending].filter(
      ([stream]) => !remotePublicKey || sameKey(stream.remotePublicKey, remotePublicKey)
    )
    if (pending.length === 0) return greetings.ended(remotePublicKey)
    return Promise.all(pending.map(([, decided]) => decided)).then(() => greetings.ended(remotePublicKey))
  }

  /** Refuses the streams on which the firewall has not decided yet. Resolves when all refused streams have closed. */
  async refuseAll(reason: ByeReason): Promise<void> {
    for (const stream of this.#pending.keys()) this.#refuse(stream, reason)
    await Promise.all(this.#refusing.values())
  }

  /** Admits no stream of this remote for so long (ms), and dials it neither. */
  ban(remotePublicKey: Uint8Array, ms: number): void {
    const now = performance.now()
    for (const [id, end] of this.#bans) if (end <= now) this.#bans.delete(id)
    this.#bans.set(toId(remotePublicKey), now + ms)
  }

  /** Whether our firewall has yet to decide on a stream of this remote. */
  isPending(remotePublicKey: Uint8Array): boolean {
    return [...this.#pending.keys()].some((stream) => sameKey(stream.remotePublicKey, remotePublicKey))
  }

  isBanned(remotePublicKey: Uint8Array): boolean {
    if (this.#bans.size === 0) return false
    const id = toId(remotePublicKey)
    const end = this.#bans.get(id)
    if (end === undefined) return false
    if (performance.now() < end) return true
    this.#bans.delete(id)
    return false
  }

  #wants(remotePublicKey: Uint8Array, slot: TransportSlot, inbound: boolean): boolean {
    const { closed, keyPair, peers, redials } = this.#context
    if (closed() || sameKey(remotePublicKey, keyPair.publicKey) || this.isBanned(remotePublicKey))
      return false
    if (!inbound && !redials.allows(remotePublicKey)) return false
    const peer = peers.get(remotePublicKey)
    if (!peer) return this.hasRoom()
    return !peer.links.some((link) => link.slot.rank < slot.rank && !link.ending)
  }

  /** Whether `maxPeers` leaves room for one more. */
  hasRoom(): boolean {
    const { peers, maxPeers } = this.#context
    if (maxPeers === Number.POSITIVE_INFINITY) return true
    const coming = new Set<string>()
    for (const { remotePublicKey } of this.#pending.keys()) {
      if (!peers.get(remotePublicKey)) coming.add(toId(remotePublicKey))
    }
    return peers.count + coming.size < maxPeers
  }

  #connected(arrival: Arrival): void {
    const { stream, slot } = arrival
    const { keyPair, signal } = this.#context
    const breach = breachOf(stream, keyPair, signal, (known) => this.#knows(known))
    if (breach) {
      this.#refuseBreach(stream, slot, breach)
      return
    }
    stream.on('error', noop) // an error without a listener would end the process
    if (stream.destroying) return
    const refusal = this.#refusal(stream)
    if (refusal) {
      this.#deny(stream, slot, refusal)
      return
    }
    const verdict = this.#askFirewall(arrival)
    if (typeof verdict === 'boolean') this.#admitUnless(verdict, arrival)
    else this.#pending.set(stream, this.#decide(verdict, arrival))
  }

  /** Why a stream cannot be admitted whatever the firewall says; null when it can. */
  #refusal({ remotePublicKey }: NoiseStream): ByeReason | null {
    const { closed, peers } = this.#context
    if (this.isBanned(remotePublicKey)) return 'refused'
    return closed() ?? (peers.get(remotePublicKey) || this.hasRoom() ? null : 'full')
  }

  #admitUnless(refused: boolean, arrival: Arrival): void {
    const { stream, info, slot } = arrival
    const { peers, redials } = this.#context
    const refusal = refused ? 'refused' : this.#refusal(stream)
    if (!refusal) {
      peers.add(arrival)
      return
    }
    if (refused && stream.isInitiator) redials.onrefused({ stream, topics: info.topics ?? [], reason: null })
    this.#deny(stream, slot, refused ? 'firewall' : refusal)
  }

  #deny(stream: NoiseStream, slot: TransportSlot, reason: ByeReason | 'firewall'): void {
    this.#context.observer.refused(stream, slot.name, reason)
    this.#refuse(stream, reason === 'firewall' ? 'refused' : reason)
  }

  /** Tells the remote why, and ends the stream. */
  #refuse(stream: NoiseStream, reason: ByeReason): void {
    if (stream.destroying || this.#refusing.size >= MAX_REFUSALS) {
      stream.destroy()
      return
    }
    const closed = new Promise<void>((resolve) => stream.once('close', resolve))
    this.#refusing.set(stream, closed)
    stream.once('close', () => this.#refusing.delete(stream))
    refuseStream(stream, reason)
    endWithin(stream, REFUSAL_TIMEOUT)
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
    if (!stream.destroying && !this.#refusing.has(stream)) this.#admitUnless(refused, arrival)
  }

  #knows(stream: NoiseStream): boolean {
    return this.#context.peers.streams.has(stream) || this.#pending.has(stream) || this.#refusing.has(stream)
  }

  #refuseBreach(stream: NoiseStream, slot: TransportSlot, breach: string): void {
    stream?.on?.('error', noop)
    stream?.destroy?.()
    this.#context.onfault(contractBroken(slot.name, breach))
  }
}

function isPromise(value: unknown): value is PromiseLike<boolean> {
  return typeof (value as PromiseLike<boolean> | null)?.then === 'function'
}
