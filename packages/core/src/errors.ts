/** What each code means. The message of a {@link NetworkerError} begins with it. */
const MEANING = {
  INVALID_TOPIC: 'Invalid topic',
  INVALID_OPTION: 'Invalid option',
  CLOSED: 'Closed',
  START_FAILED: 'Could not start',
  STOP_FAILED: 'Could not stop',
  CONNECT_FAILED: 'Could not connect',
  HANDSHAKE_FAILED: 'Handshake failed',
  HANDSHAKE_TIMEOUT: 'Handshake timed out',
  PEER_MISMATCH: 'Another peer answered',
  PEER_GONE: 'Peer is gone',
  SELF_CONNECTION: 'Connected to ourselves',
  TRANSPORT_CONTRACT: 'Transport broke its contract',
  UNSUPPORTED: 'Not supported',
  MESSAGE_TOO_LARGE: 'Message too large',
  BACKLOG_FULL: 'Peer does not keep up'
} as const

export type NetworkerErrorCode = keyof typeof MEANING

/** The one error class. Tell errors apart by `code`; {@link isNetworkerError} does so across package copies. */
export class NetworkerError extends Error {
  override readonly name = 'NetworkerError'
  readonly code: NetworkerErrorCode
  /** The name of the transport to blame, where one is. */
  readonly transport: string | undefined

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
 * Whether an error is one of ours, and of this code. It looks at name and code, not at identity, since two
 * copies of a package can be loaded.
 */
export function isNetworkerError(error: unknown, code?: NetworkerErrorCode): error is NetworkerError {
  if (!(error instanceof Error) || error.name !== 'NetworkerError') return false
  const actual = (error as NetworkerError).code
  return code === undefined ? typeof actual === 'string' : actual === code
}
