import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { NetworkerError } from '@basestore/networker/transport'
import { isFixture, type TransportFixture, WHAT_A_FIXTURE_NEEDS } from '../fixture.js'

/**
 * Loads the fixture that a file exports, as an ES module or as CommonJS.
 *
 * @throws NetworkerError `INVALID_OPTION`, and Node's own error when it finds no such file or cannot parse it
 */
export async function loadFixture(file: string): Promise<TransportFixture> {
  const loaded = await load(file)
  // CommonJS that was compiled from an ES module has a default within the default.
  const found = [loaded, defaultOf(loaded), defaultOf(defaultOf(loaded))].find(isFixture)
  if (found) return found
  throw new NetworkerError(
    'INVALID_OPTION',
    `the default export of ${file} is no fixture: ${WHAT_A_FIXTURE_NEEDS}`
  )
}

function defaultOf(value: unknown): unknown {
  return (value as { default?: unknown } | null | undefined)?.default
}

/** Node's own errors name the file. An error that the file itself throws needs its stack to show where. */
async function load(file: string): Promise<unknown> {
  try {
    return await import(pathToFileURL(resolve(file)).href)
  } catch (error) {
    if ((error as NodeJS.ErrnoException | undefined)?.code?.startsWith('ERR_')) throw error
    const why = error instanceof Error ? error.stack : String(error)
    throw new NetworkerError('INVALID_OPTION', `${file} could not be loaded: ${why}`, { cause: error })
  }
}
