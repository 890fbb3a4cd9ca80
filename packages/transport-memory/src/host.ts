import { NetworkerError } from '@basestore/networker/transport'

/** How a host's router treats what comes from outside, by the names of hyperdht's firewall constants. */
export type Nat = 'open' | 'consistent' | 'random' | 'blocked'

export const NATS: readonly Nat[] = ['open', 'consistent', 'random', 'blocked']

export interface HostOptions {
  /** Unique in its network. @default the network's name with a number, as in `memory-1` */
  readonly name?: string
  /** Bytes a second that it sends, over all its links together. @default no limit */
  readonly up?: number
  /** Bytes a second that it receives, over all its links together. @default no limit */
  readonly down?: number
  /** Who can dial it, and whom it can dial. @default 'open' */
  readonly nat?: Nat
  /** The most links at a time; a dial beyond is refused. @default no limit */
  readonly maxLinks?: number
}

/** A computer of a network: one or more transports, behind one line and one router. */
export class Host {
  readonly name: string
  readonly nat: Nat
  readonly maxLinks: number
  /** What its line lets out and in. */
  readonly up: Line
  readonly down: Line
  /** How many links it has, whoever dialled. */
  links = 0
  /** How many transports were made on it. */
  transports = 0
  /** When it was killed, in milliseconds on its network's clock; undefined while it runs. */
  diedAt: number | undefined

  constructor(name: string, options: HostOptions = {}) {
    const { up, down, nat = 'open', maxLinks = Number.POSITIVE_INFINITY } = options
    if (!NATS.includes(nat)) {
      throw new NetworkerError('INVALID_OPTION', `nat must be one of ${NATS.join(', ')}, got ${nat}`)
    }
    if (!(maxLinks >= 0)) {
      throw new NetworkerError('INVALID_OPTION', `maxLinks must be a number of at least 0, got ${maxLinks}`)
    }
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

/** What all links of a host share: one byte goes through it after the other. */
export class Line {
  /** Bytes a millisecond. */
  readonly rate: number
  /** When all that was sent is through. */
  freeAt = 0

  /** @param bandwidth bytes a second */
  constructor(name: string, bandwidth = Number.POSITIVE_INFINITY) {
    if (!(bandwidth > 0)) {
      throw new NetworkerError('INVALID_OPTION', `${name} must be bytes a second above 0, got ${bandwidth}`)
    }
    this.rate = bandwidth / 1000
  }

  /** When so many bytes that come at a time are through. */
  pass(time: number, bytes: number): number {
    this.freeAt = Math.max(this.freeAt, time) + bytes / this.rate
    return this.freeAt
  }
}
