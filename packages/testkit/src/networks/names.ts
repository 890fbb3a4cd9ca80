import { inspect } from 'node:util'
import { NetworkerError } from '@basestore/networker'

/** How many peers, or the name of each. */
export type PeerNames = number | readonly string[]

type Alphabet = [
  ...['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm'],
  ...['n', 'o', 'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z']
]

type Letters<N extends number, Taken extends string[] = []> = number extends N
  ? string
  : Taken['length'] extends N
    ? Taken[number]
    : Alphabet[Taken['length']] extends string
      ? Letters<N, [...Taken, Alphabet[Taken['length']]]>
      : string

/** The names of a group's peers: the given ones, or `'a' | 'b' | 'c'` for a literal count up to 26. */
export type NameOf<P extends PeerNames> = P extends readonly string[]
  ? P[number]
  : P extends number
    ? Letters<P>
    : string

/** The names that options may use: the given ones. For a count it is any string, so that one options object fits all. */
export type GivenName<P extends PeerNames> = P extends readonly string[] ? P[number] : string

/** A tuple for a literal count, as in `const [a, b] = networkers`; an array otherwise. */
export type Several<T, N extends number, Items extends T[] = []> = number extends N
  ? T[]
  : Items['length'] extends N
    ? Items
    : Several<T, N, [...Items, T]>

/** One `T` for each peer, in the order of the names. */
export type Each<T, P extends PeerNames> = P extends readonly string[]
  ? { -readonly [Index in keyof P]: T }
  : P extends number
    ? Several<T, P>
    : T[]

const ALPHABET = 26
const CODE_OF_A = 'a'.charCodeAt(0)

/**
 * The names of peers: the given ones, or `a` to `z`, then `aa`, `ab` and so on.
 *
 * @throws NetworkerError `INVALID_OPTION`
 */
export function toNames(peers: PeerNames): readonly string[] {
  if (Array.isArray(peers)) return checked(peers)
  if (typeof peers !== 'number' || !Number.isInteger(peers) || peers < 0) {
    const detail = `a group has 0, 1, 2, ... networkers, or a list of names, not ${inspect(peers)}`
    throw new NetworkerError('INVALID_OPTION', detail)
  }
  return Array.from({ length: peers }, (_, index) => letters(index))
}

function checked(names: readonly string[]): readonly string[] {
  const seen = new Set<string>()
  for (const name of names) {
    if (typeof name !== 'string' || name === '') {
      throw new NetworkerError('INVALID_OPTION', `a peer's name is a string that is not empty, not ${name}`)
    }
    if (seen.has(name)) throw new NetworkerError('INVALID_OPTION', `two peers are called '${name}'`)
    seen.add(name)
  }
  return [...names]
}

function letters(index: number): string {
  const last = String.fromCharCode(CODE_OF_A + (index % ALPHABET))
  return index < ALPHABET ? last : letters(Math.floor(index / ALPHABET) - 1) + last
}
