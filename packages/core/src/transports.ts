import { NetworkerError } from '@basestore/extensions'
import type { ByeReason } from '@basestore/extensions/internal'
import type { Transport, TransportHost } from './contract.js'
import { refused, whyRefused } from './errors.js'
import { toHex } from './keys.js'
import { TransportSlot } from './transport-slot.js'
import { abortable } from './wait.js'

const NOT_REACHED =
  'was not reached, or we refused it; check that it is online, and our maxPeers and firewall'

/** The networker, as a dial sees it. */
interface ConnectContext<P> {
  /** The peer, if it is connected. */
  find(): P | undefined
  /** Settles when each stream that arrived is admitted or refused; undefined when all are. */
  decided(): Promise<unknown> | undefined
  /** A transport has failed to dial the peer. @param since when it began (ms since 1970) */
  failed(transport: string, since: number, error: unknown): void
  /** Why the peer refused us; null when it did not say so; undefined when it did not. */
  refusal(): ByeReason | null | undefined
}

/** The transports of a networker, the preferred one first. */
export class Transports {
  readonly slots: readonly TransportSlot[]
  readonly #onfault: (error: unknown) => void

  /** @param ononline whether others can reach us may be another */
  constructor(transports: readonly Transport[], onfault: (error: unknown) => void, ononline: () => void) {
    this.slots = transports.map(
      (transport, rank) => new TransportSlot(transport, rank, { onfault, ononline })
    )
    this.#onfault = onfault
  }

  /** Raises a fault for each transport that does not start. @throws NetworkerError `START_FAILED` when none started */
  async start(hostFor: (slot: TransportSlot) => TransportHost): Promise<void> {
    const errors = await failures(this.slots.map((slot) => slot.start(hostFor(slot))))
    if (errors.length === this.slots.length) throw oneOf('START_FAILED', 'no transport did', errors)
    for (const error of errors) this.#onfault(error)
  }

  /** @throws NetworkerError `STOP_FAILED`, naming the transports that failed, after all others have stopped */
  async stop(): Promise<void> {
    const errors = await failures(this.slots.map((slot) => slot.stop()))
    if (errors.length > 0) throw oneOf('STOP_FAILED', 'several transports failed', errors)
  }

  async suspend(): Promise<void> {
    await Promise.all(this.slots.map((slot) => slot.suspend()))
  }

  async resume(): Promise<void> {
    await Promise.all(this.slots.map((slot) => slot.resume()))
  }

  /**
   * Dials through one transport after the other until the peer is connected.
   *
   * @throws NetworkerError `UNSUPPORTED`, `CONNECT_FAILED`
   */
  async connect<P>(key: Buffer, signal: AbortSignal, context: ConnectContext<P>): Promise<P> {
    const dialers = this.slots.filter((slot) => slot.canConnect)
    const errors: unknown[] = []
    for (const dialer of [null, ...dialers]) {
      const since = Date.now()
      try {
        await dialer?.connect(key, signal)
      } catch (error) {
        signal.throwIfAborted()
        errors.push(error)
        if (dialer) context.failed(dialer.name, since, error)
      }
      signal.throwIfAborted()
      const decided = context.find() ? undefined : context.decided()
      if (decided) await abortable(decided, signal)
      const peer = context.find()
      if (peer) return peer
    }
    if (dialers.length === 0) {
      throw new NetworkerError(
        'UNSUPPORTED',
        'no transport dials by key; configure a topic that the peer announces'
      )
    }
    const reason = context.refusal()
    if (reason !== undefined) errors.unshift(refused(reason))
    const detail = reason === undefined ? NOT_REACHED : `refused us: ${whyRefused(reason)}`
    const cause = errors.length === 1 ? errors[0] : new AggregateError(errors)
    throw new NetworkerError('CONNECT_FAILED', `${toHex(key)} ${detail}`, { cause })
  }
}

async function failures(attempts: Promise<void>[]): Promise<NetworkerError[]> {
  const results = await Promise.allSettled(attempts)
  return results.flatMap((result) => (result.status === 'rejected' ? [result.reason as NetworkerError] : []))
}

function oneOf(code: 'START_FAILED' | 'STOP_FAILED', what: string, errors: NetworkerError[]): NetworkerError {
  if (errors.length === 1) return errors[0]!
  const names = errors.map(({ transport }) => `'${transport}'`).join(', ')
  return new NetworkerError(code, `${what}: ${names}; see the errors in cause`, {
    cause: new AggregateError(errors)
  })
}
