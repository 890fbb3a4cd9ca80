/** The meaning of each code. The message of a {@link NetworkerError} begins with it. */
const MEANING = {
  INVALID_TOPIC: 'Invalid topic',
  INVALID_OPTION: 'Invalid option',
  CLOSED: 'Closed',
  TIMEOUT: 'Timed out',
  START_FAILED: 'Could not start',
  STOP_FAILED: 'Could not stop',
  CONNECT_FAILED: 'Could not connect',
  HANDSHAKE_FAILED: 'Handshake failed',
  HANDSHAKE_TIMEOUT: 'Handshake timed out',
  PEER_MISMATCH: 'Another peer answered',
  PEER_GONE: 'Peer is gone',
  SELF_CONNECTION: 'Connected to ourselves',
  REFUSED: 'Refused',
  DUPLICATE_KEY: 'Two programs have one key',
  TRANSPORT_CONTRACT: 'Transport broke its contract',
  UNSUPPORTED: 'Not supported',
  MESSAGE_TOO_LARGE: 'Message too large',
  MALFORMED_MESSAGE: 'Malformed message',
  BACKLOG_FULL: 'Peer does not keep up'
} as const

export type NetworkerErrorCode = keyof typeof MEANING

/**
 * The error class of all Basestore packages. Tell errors apart by `code`; {@link isNetworkerError} also recognises
 * errors of another copy of this package.
 */
export class NetworkerError extends Error {
  override readonly name = 'NetworkerError'
  readonly code: NetworkerErrorCode
  /** The name of the transport that failed; undefined when none did. */
  readonly transport: string | undefined

  /** @param detail what happened, and what to do. The message is the code's meaning, a colon and this. */
  constructor(
    code: NetworkerErrorCode,
    detail: string,
    { transport, cause }: { transport?: string; cause?: unknown } = {}
  ) {
    super(`${MEANING[code]}: ${detail}`, cause === undefined ? undefined : { cause })
    this.code = code
    this.transport = transport
  }
}

/**
 * Whether an error is a {@link NetworkerError}, and of this code if one is given. It compares name and code, so an
 * error of another copy of this package counts too.
 */
export function isNetworkerError(error: unknown, code?: NetworkerErrorCode): error is NetworkerError {
  if (!(error instanceof Error) || error.name !== 'NetworkerError') return false
  const actual = (error as NetworkerError).code
  return code === undefined ? typeof actual === 'string' : actual === code
}

/** @throws NetworkerError `INVALID_OPTION` unless the condition holds */
export function check(condition: boolean, detail: string): void {
  if (!condition) throw new NetworkerError('INVALID_OPTION', detail)
}
