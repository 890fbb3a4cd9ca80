/** Why the network breaks a link, by the codes of Node's sockets. */
export type LinkErrorCode = 'ECONNREFUSED' | 'ECONNRESET' | 'ETIMEDOUT'

const MESSAGES: Readonly<Record<LinkErrorCode, string>> = {
  ECONNREFUSED: 'The remote refused the link',
  ECONNRESET: 'The remote reset the link',
  ETIMEDOUT: 'The remote did not answer'
}

/** The error that an end of a link closes with when the network breaks the link. */
export function linkError(code: LinkErrorCode): Error {
  return Object.assign(new Error(MESSAGES[code]), { code })
}
