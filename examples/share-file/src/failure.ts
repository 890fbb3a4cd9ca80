/** An error that the user can understand and mend. The command line prints its message and nothing else. */
export class Failure extends Error {
  override readonly name = 'Failure'
}

/** The core holds no file as this program shares it. Nothing that was fetched of it is kept. */
export class Malformed extends Failure {}

const DISK_FULL = 'the disk is full; make room, then run the same command again'

/** What a code of the file system means, and what the user can do. */
const MEANING: Record<string, string> = {
  EACCES: 'permission denied; choose another path, or change its permissions',
  EDQUOT: 'disk quota reached; make room, then run the same command again',
  EEXIST: 'there is a file of that name; choose another',
  EISDIR: 'is a directory; name a file',
  ELOOP: 'is a symbolic link; remove it, or choose another path',
  EMFILE: 'too many open files; raise the limit (ulimit -n)',
  ENAMETOOLONG: 'the name is too long; choose a shorter one',
  ENOENT: 'no such file or directory; check the path',
  ENOSPC: DISK_FULL,
  ENOTDIR: 'a part of the path is not a directory; check the path',
  EPERM: 'not permitted; choose another path',
  EROFS: 'the file system is read-only; choose another path'
}

/** The code of an error of Node, RocksDB or the networker. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** Makes the error of a file operation a {@link Failure} that names the path. */
export function fileFailure(doing: string, path: string, error: unknown): Failure {
  if (error instanceof Failure) return error
  return new Failure(`${doing} ${path}: ${MEANING[codeOf(error) ?? ''] ?? firstLine(error)}`, {
    cause: error
  })
}

/** The one line that the user reads of an error. Never a stack trace. */
export function firstLine(error: unknown): string {
  if (isDiskFull(error)) return DISK_FULL
  const message = error instanceof Error ? error.message || error.name : String(error)
  return message.split('\n', 1)[0]?.trim() || 'unknown error'
}

/** The error of RocksDB says that a batch failed. Its cause tells why, in words, without a code. */
function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof Failure) return false
  if (error.message.includes('No space left on device')) return true
  return isDiskFull(error instanceof AggregateError ? error.errors[0] : error.cause)
}
