import { editDistance } from './edit-distance.js'
import { NetworkerError } from './errors.js'

const EXPECTED = {
  boolean: 'true or false',
  number: 'a number',
  string: 'a string',
  function: 'a function',
  object: 'an object',
  signal: 'an AbortSignal'
} as const

/** The type that an option must have. `'any'` leaves that to the caller. */
export type OptionKind = keyof typeof EXPECTED | 'any'

/** Each option of `T` with its type: the compiler refuses a table that lacks one. */
export type OptionKinds<T> = { readonly [Name in keyof T]-?: OptionKind }

export interface OptionsContext {
  /** The options, as errors call them: `'the options of tcp()'`. @default 'options' */
  readonly what?: string
  /** For names that other libraries or earlier versions have: what to write instead. */
  readonly hints?: Readonly<Record<string, string>>
  /** Refuse only names that are near to a known one, for objects that carry more than options. @default false */
  readonly allowOthers?: boolean
  /** The name of the transport, for the error. */
  readonly transport?: string
}

/** The share of a name's letters that a slip of the pen may change. */
const SLIP = 1 / 3
/** Characters of a text that an error shows. A key in z32 has 52, and may be a secret one. */
const SHOWN = 32

/**
 * Refuses options that nobody reads, and values of the wrong type. An option that is undefined counts as left out. Only
 * own enumerable names count. An instance of a class may have further fields of its own, unless their names are near to
 * an option's.
 *
 * ```ts
 * checkOptions<TcpOptions>(options, { port: 'number', host: 'string' }, { what: 'the options of tcp()' })
 * ```
 *
 * @throws NetworkerError `INVALID_OPTION`, which names the nearest option: "unknown option 'prot'; did you mean 'port'?"
 */
export function checkOptions<T extends object>(
  options: unknown,
  kinds: OptionKinds<T>,
  { what = 'options', hints = {}, allowOthers = false, transport }: OptionsContext = {}
): asserts options is T {
  const refuse = (detail: string): never => {
    throw new NetworkerError('INVALID_OPTION', detail, transport === undefined ? {} : { transport })
  }
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    return refuse(`${what} must be an object, got ${show(options)}`)
  }
  const allows = allowOthers || !isPlain(options)
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(kinds, name)) {
      const known = Object.keys(kinds)
      const advice = adviceFor(name, known, hints)
      if (advice || !allows) refuse(`unknown option '${name}'; ${advice ?? `${what} are ${listed(known)}`}`)
    } else if (value !== undefined) {
      const kind = kinds[name as keyof T]
      if (!isOf(kind, value))
        refuse(`${name} must be ${EXPECTED[kind as keyof typeof EXPECTED]}, got ${show(value)}`)
    }
  }
}

function adviceFor(
  name: string,
  known: readonly string[],
  hints: Readonly<Record<string, string>>
): string | undefined {
  if (Object.hasOwn(hints, name)) return hints[name]
  const near = nearest(name, known)
  return near === undefined ? undefined : `did you mean '${near}'?`
}

function nearest(name: string, known: readonly string[]): string | undefined {
  let near: string | undefined
  let least = Math.max(1, Math.floor(name.length * SLIP))
  for (const other of known) {
    if (Math.abs(other.length - name.length) > least) continue
    const distance = editDistance(name.toLowerCase(), other.toLowerCase())
    if (distance > least || (near !== undefined && distance === least)) continue
    near = other
    least = distance
  }
  return near
}

function isOf(kind: OptionKind, value: unknown): boolean {
  if (kind === 'any') return true
  if (kind === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value)
  if (kind === 'signal') return typeof (value as Partial<AbortSignal> | null)?.throwIfAborted === 'function'
  return typeof value === kind
}

/** Whether it is an object literal, also one of another realm. */
function isPlain(options: object): boolean {
  const prototype = Object.getPrototypeOf(options)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** A value in an error. The content of an object, or a long text, may be secret. */
function show(value: unknown): string {
  if (typeof value === 'string') {
    return value.length > SHOWN ? `a string of ${value.length} characters` : `'${value}'`
  }
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'function') return 'a function'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
