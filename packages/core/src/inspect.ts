import { encode } from 'hypercore-id-encoding'
import type { KeyPair, TopicMode } from './contract.js'

/** How `console.log` shows an object. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom')
/** The most topics, and the most peers, that `console.log` shows. JSON has all. */
const SHOWN = 10

type Inspect = (value: unknown, options: object) => string

/** What people read of an object: in `console.log`, `JSON.stringify` and `String`. */
interface Text<T> {
  readonly name: string
  key(subject: T): Uint8Array
  /** Plain data, with keys in z32 and nothing secret. */
  facts(subject: T): object
}

/** The part of a peer that is shown. */
interface PeerFacts {
  readonly remotePublicKey: Uint8Array
  readonly remoteAddress: string | null
  readonly transport: string
  readonly type: string
  readonly direction: 'in' | 'out'
  readonly topics: readonly Uint8Array[]
  readonly since: number
  readonly bytesRead: number
  readonly bytesWritten: number
}

/** The part of a networker that is shown. */
interface NetworkerFacts {
  readonly keyPair: KeyPair
  readonly peers: Iterable<PeerFacts>
  allStatuses(): (TopicMode & { readonly discoveryKey: Uint8Array })[]
  flushed(discoveryKey: Uint8Array): boolean
}

export const PEER: Text<PeerFacts> = {
  name: 'Peer',
  key: ({ remotePublicKey }) => remotePublicKey,
  facts: (peer) => ({
    remotePublicKey: encode(peer.remotePublicKey),
    remoteAddress: peer.remoteAddress,
    transport: peer.transport,
    type: peer.type,
    direction: peer.direction,
    topics: peer.topics.map((topic) => encode(topic)),
    since: new Date(peer.since).toISOString(),
    bytesRead: peer.bytesRead,
    bytesWritten: peer.bytesWritten
  })
}

export const NETWORKER: Text<NetworkerFacts> = {
  name: 'Networker',
  key: ({ keyPair }) => keyPair.publicKey,
  facts: (networker) => ({
    publicKey: encode(networker.keyPair.publicKey),
    topics: networker.allStatuses().map(({ discoveryKey, ...mode }) => ({
      discoveryKey: encode(discoveryKey),
      ...mode,
      flushed: networker.flushed(discoveryKey)
    })),
    peers: [...networker.peers].map(PEER.facts)
  })
}

/** Has the objects of a class tell of themselves by a text, instead of by all that they hold. */
export function describeBy<T extends object>(type: { readonly prototype: T }, text: Text<T>): void {
  const methods = {
    toString(this: T): string {
      return `${text.name} ${encode(text.key(this))}`
    },
    toJSON(this: T): object {
      return text.facts(this)
    },
    [INSPECT](this: T, depth: number, options: object, inspect: Inspect): string {
      if (depth < 0) return `[${text.name}]`
      return `${text.name} ${inspect(text.facts(this), { ...options, depth: 2, maxArrayLength: SHOWN })}`
    }
  }
  for (const name of ['toString', 'toJSON', INSPECT] as const) {
    Object.defineProperty(type.prototype, name, { value: methods[name], writable: true, configurable: true })
  }
}

/**
 * A key pair whose secret key is read by its name alone: no log, no JSON and no copy of its properties has it. Objects
 * of libraries that we hand it to are logged, too.
 */
export function discreet({ publicKey, secretKey }: KeyPair): KeyPair {
  return Object.defineProperty({ publicKey }, 'secretKey', { value: secretKey }) as KeyPair
}
