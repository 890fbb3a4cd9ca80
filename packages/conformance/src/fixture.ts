import type { Duplex } from 'node:stream'
import { NetworkerError, type Transport } from '@basestore/networker/transport'

type Awaitable<T> = T | Promise<T>

/** What the author of a transport gives, so that the cases can run against it. */
export interface TransportFixture {
  /** Names it in reports. @default none; the command takes the name of the file */
  readonly name?: string
  /**
   * Milliseconds that one case may take, its tear-down not counted.
   * @default 10_000
   */
  readonly timeout?: number
  /** A fresh network, isolated from every other one. Each case makes its own. */
  createNetwork(): Awaitable<FixtureNetwork>
}

export interface FixtureNetwork {
  /** A new transport on this network, not started, for one peer. */
  createTransport(): Awaitable<Transport>
  /** Ends what the network itself holds. Its transports are stopped by then. */
  close(): Awaitable<void>
  /** What can be done to the network. Each method that is here unlocks further cases. */
  readonly faults?: NetworkFaults
}

/** Faults between two started transports of one network. Each resolves when it is in force. */
export interface NetworkFaults {
  /** Breaks every connection between the two, and lets no new one come about, until `heal`. Both ends notice. */
  cut?(a: Transport, b: Transport): Awaitable<void>
  /** Holds what the two send each other, new connections too, and loses nothing. Neither end notices. */
  silence?(a: Transport, b: Transport): Awaitable<void>
  /** Takes back `cut` and `silence`: what was held arrives. */
  heal?(a: Transport, b: Transport): Awaitable<void>
  /** Connects as a stranger does, who has the address and no key: the raw stream, before any handshake. */
  dial?(transport: Transport): Awaitable<Duplex>
}

export const WHAT_A_FIXTURE_NEEDS =
  'it needs a method createNetwork() that returns { createTransport, close }'

export function isFixture(value: unknown): value is TransportFixture {
  return typeof (value as TransportFixture | null | undefined)?.createNetwork === 'function'
}

/** @throws NetworkerError `INVALID_OPTION` */
export function assertFixture(value: unknown): void {
  if (!isFixture(value))
    throw new NetworkerError('INVALID_OPTION', `this is no fixture: ${WHAT_A_FIXTURE_NEEDS}`)
}
