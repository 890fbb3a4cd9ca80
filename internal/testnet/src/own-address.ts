import { randomInt } from 'node:crypto'

/**
 * DHTs on one address find each other: a port of one that has ended is soon another's, and is asked again. Other
 * systems than Linux have only one address of their own.
 */
export function ownAddress(): string {
  if (process.platform !== 'linux') return '127.0.0.1'
  return `127.${randomInt(1, 255)}.${randomInt(255)}.${randomInt(1, 255)}`
}
