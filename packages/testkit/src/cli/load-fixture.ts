import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { TransportFixture } from '../conformance/index.js'

/**
 * The fixture that a file exports, as an ES module or as CommonJS.
 *
 * @throws Error that says what is wrong with the file
 */
export async function loadFixture(file: string): Promise<TransportFixture> {
  const loaded: unknown = await import(pathToFileURL(resolve(file)).href)
  let value = loaded
  // CommonJS that was compiled from an ES module has a default within the default.
  while (!isFixture(value) && hasDefault(value)) value = value.default
  if (isFixture(value)) return value
  throw new Error(
    `the default export of ${file} is no fixture: it needs a method createNetwork() that returns { createTransport, close }`
  )
}

function isFixture(value: unknown): value is TransportFixture {
  return typeof (value as TransportFixture | undefined)?.createNetwork === 'function'
}

function hasDefault(value: unknown): value is { default: unknown } {
  return (typeof value === 'object' || typeof value === 'function') && value !== null && 'default' in value
}
