type Code = 'INVALID_OPTION' | 'CLOSED' | 'PEER_GONE' | 'MESSAGE_TOO_LARGE' | 'BACKLOG_FULL'

/**
 * The shape of `@basestore/networker`'s error class, whose `isNetworkerError` knows it by name and code: that
 * package imports this one, not the reverse. A message begins with what the code means, as there.
 */
export class NetworkerError extends Error {
  override readonly name = 'NetworkerError'
  readonly code: Code

  constructor(code: Code, message: string, options?: { cause: unknown }) {
    super(message, options)
    this.code = code
  }
}

/** Whether the condition holds, or else INVALID_OPTION. */
export function check(condition: boolean, detail: string, options?: { cause: unknown }): void {
  if (!condition) throw new NetworkerError('INVALID_OPTION', `Invalid option: ${detail}`, options)
}
