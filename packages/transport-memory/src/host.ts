import { checkOptions, type OptionKinds } from '@basestore/networker/transport'
import { checkNumber, invalidOption } from './check.js'

/** How a host's router treats packets from outside, by the names of hyperdht's firewall constants. */
export type Nat = 'open' | 'consistent' | 'random' | 'blocked'

export const NATS: readonly Nat[] = ['open', 'consistent', 'random', 'blocked']

export interface HostOptions {
  /** Unique in its network. @default the network's name with a number, as in `memory-1` */
  readonly name?: string
  /** Bytes a second that it sends, over all its links together. @default no limit */
  readonly up?: number
  /** Bytes a second that it receives, over all its links together. @default no limit */
  readonly down?: number
  /** Which hosts can dial it, and which it can dial. @default 'open' */
  readonly nat?: Nat
  /** The most links at a time. A dial beyond is refused. @default no limit */
  readonly maxLinks?: number
}

const OPTIONS: OptionKinds<HostOptions> = {
  name: 'string',
  up: 'number',
  down: 'number',
  nat: 'any',
  maxLinks: 'number'
}

/** @throws NetworkerError `INVALID_OPTION` */
export function checkHostOptions(options: HostOptions): void {
  checkOptions<HostOptions>(options, OPTIONS, { what: 'the options of a host' })
}

/** A computer of a network: one or more transports, behind one line and one router. */
export class Host {
  readonly name: string
  readonly nat: Nat
  readonly maxLinks: number
  /** The line for what it sends. */
  readonly up: Line
  /** The line for what it receives. */
  readonly down: Line
  /** How many links it has, whichever end dialled. */
  links = 0
  /** How many transports were made on it. */
  transports = 0
  /** When it was killed (ms on its network's clock); undefined while it runs. */
  diedAt: number | undefined

  /** @throws NetworkerError `INVALID_OPTION` */
  constructor(name: string, options: HostOptions = {}) {
    const { up, down, nat = 'open', maxLinks = Number.POSITIVE_INFINITY } = options
    if (!NATS.includes(nat)) throw invalidOption(`nat must be one of ${NATS.join(', ')}, got ${nat}`)
    checkNumber('maxLinks', 'a number of at least 0', maxLinks, maxLinks >= 0)
    this.name = name
    this.nat = nat
    this.maxLinks = maxLinks
    this.up = new Line('up', up)
    this.down = new Line('down', down)
  }

  /** Whether it was killed. A host of its name that is made later is another one. */
  get isDead(): boolean {
    return this.diedAt !== undefined
  }
}

/** The line that all links of a host share: bytes go through it one after the other. */
export class Line {
  /** Bytes a millisecond. */
  readonly rate: number
  /** When all that was sent is through. */
  freeAt = 0

  /** @param bandwidth bytes a second */
  constructor(name: string, bandwidth = Number.POSITIVE_INFINITY) {
    checkNumber(name, 'bytes a second above 0', bandwidth, bandwidth > 0)
    this.rate = bandwidth / 1000
  }

  /** When so many bytes that come at a time are through. */
  pass(time: number, bytes: number): number {
    this.freeAt = Math.max(this.freeAt, time) + bytes / this.rate
    return this.freeAt
  }
}
