/** What each code means. The message begins with it. */
const MEANING = {
  INVALID_OPTION: 'Invalid option',
  CLOSED: 'Closed',
  PEER_GONE: 'Peer is gone',
  MESSAGE_TOO_LARGE: 'Message too large',
  BACKLOG_FULL: 'Peer does not keep up'
} as const

/**
 * The shape of `@basestore/networker`'s error class, whose `isNetworkerError` knows it by name and code: that
 * package imports this one, not the reverse.
 */
export class NetworkerError extends Error {
  override readonly name = 'NetworkerError'
  readonly code: keyof typeof MEANING

  constructor(code: keyof typeof MEANING, detail: string, options?: { cause: unknown }) {
    super(`${MEANING[code]}: ${detail}`, options)
    this.code = code
  }
}

/** Whether the condition holds, or else INVALID_OPTION. */
export function check(condition: boolean, detail: string): void {
  if (!condition) throw new NetworkerError('INVALID_OPTION', detail)
}
