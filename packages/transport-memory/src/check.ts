import { NetworkerError } from '@basestore/networker/transport'

export function invalidOption(detail: string): NetworkerError {
  return new NetworkerError('INVALID_OPTION', detail)
}

/** @throws NetworkerError `INVALID_OPTION` unless the value is fine */
export function checkNumber(name: string, expected: string, value: number, isFine: boolean): void {
  if (!isFine) throw invalidOption(`${name} must be ${expected}, got ${value}`)
}
