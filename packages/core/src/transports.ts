import type { Transport, TransportHost } from './contract.js'
import { NetworkerError } from './errors.js'
import { TransportSlot } from './transport-slot.js'
import { abortable } from './wait.js'

interface Arrivals<P> {
  find(): P | undefined
  /** Undefined when none is undecided. */
  settled(): Promise<unknown> | undefined
}

/** The transports of a networker, the preferred one first. */
export class Transports {
  readonly slots: readonly TransportSlot[]
  readonly #onfault: (error: unknown) => void

  constructor(transports: readonly Transport[], onfault: (error: unknown) => void) {
    this.slots = transports.map((transport, rank) => new TransportSlot(transport, rank, onfault))
    this.#onfault = onfault
  }

  /** @throws NetworkerError `START_FAILED` when none started; otherwise a fault tells of each that did not. */
  async start(hostFor: (slot: TransportSlot) => TransportHost): Promise<void> {
    const errors = await failures(this.slots.map((slot) => slot.start(hostFor(slot))))
    if (errors.length === this.slots.length) throw oneOf('START_FAILED', 'no transport did', errors)
    for (const error of errors) this.#onfault(error)
  }

  /** @throws NetworkerError `STOP_FAILED`, naming those that failed, after all others have stopped. */
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
   * Dials through one transport after the other until the peer is found.
   *
   * @param arrivals finds the peer, and tells when those that came are admitted or refused
   * @throws NetworkerError `UNSUPPORTED`, `CONNECT_FAILED`
   */
  async connect<P>(key: Buffer, signal: AbortSignal, arrivals: Arrivals<P>): Promise<P> {
    const dialers = this.slots.filter((slot) => slot.canConnect)
    const errors: unknown[] = []
    for (const dialer of [null, ...dialers]) {
      try {
        await dialer?.connect(key, signal)
      } catch (error) {
        signal.throwIfAborted()
        errors.push(error)
      }
      signal.throwIfAborted()
      const settled = arrivals.find() ? undefined : arrivals.settled()
      if (settled) await abortable(settled, signal)
      const peer = arrivals.find()
      if (peer) return peer
    }
    if (dialers.length === 0) {
      throw new NetworkerError(
        'UNSUPPORTED',
        'no transport dials by key; configure a topic that the peer announces'
      )
    }
    throw new NetworkerError(
      'CONNECT_FAILED',
      `${key.toString('hex')} was not reached, or refused; check that it is online, and maxPeers and firewall`,
      { cause: errors.length === 1 ? errors[0] : new AggregateError(errors) }
    )
  }
}

async function failures(attempts: Promise<void>[]): Promise<NetworkerError[]> {
  const outcomes = await Promise.allSettled(attempts)
  return outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [outcome.reason as NetworkerError] : []
  )
}

function oneOf(code: 'START_FAILED' | 'STOP_FAILED', what: string, errors: NetworkerError[]): NetworkerError {
  if (errors.length === 1) return errors[0]!
  const names = errors.map(({ transport }) => `'${transport}'`).join(', ')
  return new NetworkerError(code, `${what}: ${names}; see the errors in cause`, {
    cause: new AggregateError(errors)
  })
}
