import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isFixture, type TransportFixture, WHAT_A_FIXTURE_NEEDS } from '../fixture.js'

/**
 * The fixture that a file exports, as an ES module or as CommonJS.
 *
 * @throws Error that says what is wrong with the file
 */
export async function loadFixture(file: string): Promise<TransportFixture> {
  const loaded = await load(file)
  // CommonJS that was compiled from an ES module has a default within the default.
  const found = [loaded, defaultOf(loaded), defaultOf(defaultOf(loaded))].find(isFixture)
  if (found) return found
  throw new Error(`the default export of ${file} is no fixture: ${WHAT_A_FIXTURE_NEEDS}`)
}

function defaultOf(value: unknown): unknown {
  return (value as { default?: unknown } | null | undefined)?.default
}

/** What Node says of a file that it cannot load tells enough; what the file itself throws, only with its place. */
async function load(file: string): Promise<unknown> {
  try {
    return await import(pathToFileURL(resolve(file)).href)
  } catch (error) {
    if ((error as NodeJS.ErrnoException | undefined)?.code?.startsWith('ERR_')) throw error
    const why = error instanceof Error ? error.stack : String(error)
    throw new Error(`${file} could not be loaded: ${why}`, { cause: error })
  }
}
