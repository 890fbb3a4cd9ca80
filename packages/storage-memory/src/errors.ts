export type StorageErrorCode =
  | 'CLOSED'
  | 'BATCH_DESTROYED'
  | 'BATCH_BUSY'
  | 'BATCH_NOT_APPLIED'
  | 'INVALID_RANGE'
  | 'UNKNOWN_COLUMN_FAMILY'
  | 'DISK_IN_USE'
  | 'INVALID_OPTION'

/** Every error that this package throws. Where RocksDB has an error of the same kind, the message is RocksDB's. */
export class StorageError extends Error {
  override readonly name = 'StorageError'
  readonly code: StorageErrorCode

  constructor(code: StorageErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** The storage is closed, or a crash has ended it. The text is RocksDB's, since some code looks for that. */
export function closedError(): StorageError {
  return new StorageError('CLOSED', 'RocksDB session is closed')
}
