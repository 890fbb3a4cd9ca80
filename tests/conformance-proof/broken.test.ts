import { cases } from '@basestore/conformance'
import { afterAll, describe, it, vi } from 'vitest'
import { expectRed, nearby } from './broken/expect-red.js'
import { allBroken } from './broken/index.js'
import { endLeaked } from './broken/sabotage.js'

const { PROOF } = process.env
/** `PROOF=all` runs every case against every broken transport, which takes about a minute. */
const all = PROOF === 'all' ? cases.map(({ id }) => id) : null

// Most of the time red cases wait for something that never comes, so several broken transports run at once.
vi.setConfig({ maxConcurrency: 8 })

afterAll(endLeaked)

describe('a transport that', () => {
  for (const [index, [name, broken]] of Object.entries(allBroken).entries()) {
    it.concurrent(
      `${name}, fails exactly the cases about that`,
      () => expectRed(broken, all ?? nearby(broken, index)),
      60_000
    )
  }
})
