import { checkOptions, type OptionKinds } from '@basestore/networker/transport'
import type { HostOptions } from '@basestore/transport-memory'
import type { NetworkerLike } from './life.js'

/** The surroundings of a peer, as its options give them. */
interface Surroundings {
  readonly host?: Omit<HostOptions, 'name'>
  readonly networker?: NetworkerLike
}

const HOST: OptionKinds<Omit<HostOptions, 'name'>> = {
  up: 'number',
  down: 'number',
  nat: 'any',
  maxLinks: 'number'
}
const NETWORKER: OptionKinds<NetworkerLike> = { firewall: 'any', maxPeers: 'any', warn: 'boolean' }

const GIVEN = "leave it out: the simulation gives each peer's networker its own"
const NETWORKER_HINTS = { transports: GIVEN, keyPair: GIVEN, id: GIVEN }

/** Refuses also what the simulation would replace by its own. @throws NetworkerError `INVALID_OPTION` */
export function checkPeerOptions<T extends Surroundings>(options: T, kinds: OptionKinds<T>): void {
  checkOptions<T>(options, kinds, { what: "a peer's options" })
  const { host = {}, networker = {} } = options
  checkOptions(host, HOST, {
    what: "the options of a peer's host",
    hints: { name: 'leave it out: a host has the name of its peer' }
  })
  checkOptions(networker, NETWORKER, { what: "the options of a peer's networker", hints: NETWORKER_HINTS })
}
