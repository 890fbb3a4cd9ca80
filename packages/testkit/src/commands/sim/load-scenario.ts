import { basename, dirname, extname, resolve } from 'node:path'
import * as networker from '@basestore/networker'
import { createJiti } from 'jiti'
import * as testkit from '../../index.js'
import * as simulation from '../../simulation/index.js'
import type { SimulationOptions } from '../../simulation/options.js'
import type { Scenario } from '../../simulation/simulate.js'
import { seedLoading } from './seeded-loading.js'

export interface LoadedScenario {
  readonly run: Scenario
  /** The function's name. If it has none, the file's. */
  readonly name: string
  readonly options: SimulationOptions
}

/** A scenario gets these packages from this program, also by `require`, so that there is one copy of each class. */
const OWN = {
  '@basestore/testkit': testkit,
  '@basestore/testkit/simulation': simulation,
  '@basestore/networker': networker
}

/** The names that Node.js and jiti give a default export without a name. */
const NAMELESS = /^(_?default)?$/

/**
 * Loads a scenario from a file in TypeScript or JavaScript.
 *
 * @throws Error that says what is wrong with the file
 */
export async function loadScenario(file: string): Promise<LoadedScenario> {
  const loaded = await load(resolve(file), file)
  const run = functionOf(loaded)
  if (!run) {
    throw new Error(`the default export of ${file} must be a function that takes the simulation; it is none`)
  }
  const isNamed = !NAMELESS.test(run.name)
  const name = isNamed ? run.name : basename(file, extname(file))
  const { options = {} } = loaded as { options?: SimulationOptions }
  if (typeof options !== 'object' || options === null) {
    throw new Error(`the export 'options' of ${file} must be an object, got ${options}`)
  }
  return { run, name, options }
}

async function load(path: string, file: string): Promise<unknown> {
  // A cache on the disk would be left behind there.
  const jiti = createJiti(path, { fsCache: false, virtualModules: OWN })
  const restore = seedLoading()
  try {
    return await jiti.import(path)
  } catch (error) {
    throw new Error(`cannot load ${file}: ${describe(error, dirname(path))}`)
  } finally {
    restore()
  }
}

/** The default export. CommonJS that was compiled from an ES module has a default within its default. */
function functionOf(loaded: unknown): Scenario | undefined {
  let value = loaded
  while (typeof value === 'object' && value !== null && 'default' in value) value = value.default
  return typeof value === 'function' ? (value as Scenario) : undefined
}

/** The message, and the first line of the stack that is in the scenario's folder. */
function describe(error: unknown, folder: string): string {
  if (!(error instanceof Error)) return String(error)
  const message = error.message.replace(/\nRequire stack:[\s\S]*/, '').trim()
  const at = (error.stack ?? '').split('\n').find((line) => /^ +at /.test(line) && line.includes(folder))
  return at ? `${message}\n  ${at.trim()}` : message
}
