import { cases } from '@basestore/conformance'
import { afterAll, describe, it, vi } from 'vitest'
import { expectRed, shortProof } from './broken/expect-red.js'
import { allBroken } from './broken/index.js'
import { endLeaked } from './broken/sabotage.js'

const { PROOF } = process.env
/** `PROOF=all` runs every case against every broken transport: about 16,000 runs of a case, which take a minute. */
const all = PROOF === 'all' ? cases.map(({ id }) => id) : null

/** Milliseconds. A busy machine takes several times as long as an idle one. */
const TIMEOUT = all ? 300_000 : 60_000

// Most of the time red cases wait for something that never comes, so several broken transports run at once.
vi.setConfig({ maxConcurrency: 8 })

afterAll(endLeaked)

describe('a transport that', () => {
  for (const [index, [name, broken]] of Object.entries(allBroken).entries()) {
    it.concurrent(
      `${name}, fails exactly the cases about that`,
      () => expectRed(broken, all ?? shortProof(broken, index)),
      TIMEOUT
    )
  }
})
