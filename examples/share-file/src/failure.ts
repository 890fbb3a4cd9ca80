/** Something a person can understand and mend. The command line prints its message, and nothing else. */
export class Failure extends Error {
  override readonly name = 'Failure'
}

/** What was fetched is not a file as this program shares it: nothing of it is worth keeping. */
export class Malformed extends Failure {}

const DISK_FULL = 'the disk is full'

/** What the file system's codes mean to the person whose file it is. */
const MEANING: Record<string, string> = {
  EACCES: 'permission denied',
  EDQUOT: 'disk quota reached',
  EEXIST: 'there is a file of that name',
  EISDIR: 'is a directory',
  ELOOP: 'is a symbolic link',
  EMFILE: 'too many open files',
  ENAMETOOLONG: 'the name is too long',
  ENOENT: 'no such file or directory',
  ENOSPC: DISK_FULL,
  ENOTDIR: 'a part of the path is not a directory',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only'
}

/** The code of an error of Node's, of RocksDB's or of the networker's, where it has one. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** Turns the error of a file operation into a {@link Failure} that names the path. */
export function fileFailure(doing: string, path: string, error: unknown): Failure {
  if (error instanceof Failure) return error
  return new Failure(`${doing} ${path}: ${MEANING[codeOf(error) ?? ''] ?? firstLine(error)}`, {
    cause: error
  })
}

/** One line for any error, so that no stack ever reaches the terminal. */
export function firstLine(error: unknown): string {
  if (isDiskFull(error)) return DISK_FULL
  const message = error instanceof Error ? error.message || error.name : String(error)
  return message.split('\n', 1)[0]?.trim() || 'unknown error'
}

/** RocksDB says that a batch failed, and only within that error why, in words rather than by a code. */
function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof Failure) return false
  if (error.message.includes('No space left on device')) return true
  return isDiskFull(error instanceof AggregateError ? error.errors[0] : error.cause)
}
