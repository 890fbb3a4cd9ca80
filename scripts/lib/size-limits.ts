export const KIB = 1024

export interface SizeLimit {
  /** What we want, in bytes. */
  readonly goal?: number
  /** Where the goal is not reached, or there is none: what is, in bytes, so that it does not grow. @default goal */
  readonly limit?: number
}

/** Minified bytes of each package's own code. Code for tests has no goal. */
export const SIZES: Readonly<Record<string, SizeLimit>> = {
  // It tells of topics that are late, whether others can reach us, and of faults that nobody hears; it meets each run of a
  // peer anew, dials again with pauses, and refuses options that it does not know. To say why takes 18 KiB of these, of
  // which a third is English.
  '@basestore/networker': { goal: 25 * KIB, limit: 62 * KIB },
  // Apps' own protocols, the check of options for all packages, and who the remote is.
  '@basestore/extensions': { goal: 6 * KIB, limit: 21 * KIB },
  // It watches the DHT and the server's relays, tries again what was not answered, and tells how dials ended.
  '@basestore/transport-hyperswarm': { goal: 12 * KIB, limit: 18 * KIB },
  // It simulates whole networks, for tests.
  '@basestore/transport-memory': { goal: 12 * KIB, limit: 42 * KIB },
  '@basestore/conformance': { limit: 62 * KIB },
  '@basestore/storage-memory': { limit: 12 * KIB },
  '@basestore/testkit': { limit: 45 * KIB }
}
