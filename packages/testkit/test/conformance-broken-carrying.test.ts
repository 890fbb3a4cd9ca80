import { afterAll, describe, it } from 'vitest'
import { closing } from './broken/closing.js'
import { data } from './broken/data.js'
import { expectRed } from './broken/expect-red.js'
import { hostile } from './broken/hostile.js'
import { endLeaked } from './broken/sabotage.js'
import { stop } from './broken/stop.js'
import { streams } from './broken/streams.js'
import { suspend } from './broken/suspend.js'
import { together } from './broken/together.js'
import { turnsRed } from './broken/turns-red.js'

const broken = { ...streams, ...data, ...closing, ...stop, ...together, ...suspend, ...hostile }

afterAll(endLeaked)

describe('a transport that', () => {
  for (const [name, transport] of Object.entries(broken)) {
    it.concurrent(
      `${name}, fails exactly the cases about that`,
      () => expectRed(transport, turnsRed[name]!),
      60_000
    )
  }
})
