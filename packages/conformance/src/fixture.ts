import type { Duplex } from 'node:stream'
import {
  checkOptions,
  NetworkerError,
  type OptionKinds,
  type Transport
} from '@basestore/networker/transport'

type Awaitable<T> = T | Promise<T>

/** How the cases get networks of your transport. */
export interface TransportFixture {
  /** The transport's name in reports. @default none; the command takes the name of the file */
  readonly name?: string
  /**
   * Time limit of each case, without its tear-down, in milliseconds.
   * @default 10_000
   */
  readonly timeout?: number
  /** Makes a network that shares nothing with any other one. Each case makes its own. */
  createNetwork(): Awaitable<FixtureNetwork>
}

export interface FixtureNetwork {
  /** Makes a transport on this network for one peer. The cases start it. */
  createTransport(): Awaitable<Transport>
  /** Frees what the network itself holds. Its transports are stopped by then. */
  close(): Awaitable<void>
  /** Faults that the cases inject into the network. Each method that is here unlocks further cases. */
  readonly faults?: NetworkFaults
}

/** Injects faults into one network, between two started transports or for one transport. Each method resolves once its fault is in force. */
export interface NetworkFaults {
  /** Breaks every connection between the two, and prevents new ones, until `heal`. Both ends see their streams close. */
  cut?(a: Transport, b: Transport): Awaitable<void>
  /** Holds back what the two send each other, new connections too. Nothing is lost, and neither end notices. */
  silence?(a: Transport, b: Transport): Awaitable<void>
  /** Ends `cut` and `silence`. What was held back arrives. */
  heal?(a: Transport, b: Transport): Awaitable<void>
  /**
   * Takes a transport's network away, until `online`: nothing that it asks is answered. The transport need not be
   * started yet. The cases that need it also need `online`.
   */
  offline?(transport: Transport): Awaitable<void>
  /** Ends `offline`. */
  online?(transport: Transport): Awaitable<void>
  /** Connects to a transport as a stranger who has its address and no key. Returns the raw stream, before a handshake. */
  dial?(transport: Transport): Awaitable<Duplex>
}

export const WHAT_A_FIXTURE_NEEDS =
  'it needs a method createNetwork() that returns { createTransport, close }'

export function isFixture(value: unknown): value is TransportFixture {
  return typeof (value as TransportFixture | null | undefined)?.createNetwork === 'function'
}

const FIXTURE: OptionKinds<TransportFixture> = {
  name: 'string',
  timeout: 'number',
  createNetwork: 'function'
}
const NETWORK: OptionKinds<FixtureNetwork> = {
  createTransport: 'function',
  close: 'function',
  faults: 'object'
}
const FAULTS: OptionKinds<NetworkFaults> = {
  cut: 'function',
  silence: 'function',
  heal: 'function',
  dial: 'function',
  offline: 'function',
  online: 'function'
}

/** A fixture may have parts of its own. @throws NetworkerError `INVALID_OPTION`, also for what is nearly a part */
export function assertFixture(value: unknown): void {
  if (!isFixture(value)) {
    throw new NetworkerError('INVALID_OPTION', `this is no fixture: ${WHAT_A_FIXTURE_NEEDS}`)
  }
  checkOptions<TransportFixture>(value, FIXTURE, { what: 'the parts of a fixture', allowOthers: true })
}

/** A fault under another name would skip its cases. @throws NetworkerError `INVALID_OPTION` */
export function assertNetwork(value: unknown): void {
  checkOptions<FixtureNetwork>(value, NETWORK, {
    what: "the parts of a fixture's network",
    allowOthers: true
  })
  if (value.faults) checkOptions<NetworkFaults>(value.faults, FAULTS, { what: 'the faults of a network' })
}
