import { afterAll, describe, it } from 'vitest'
import { connect } from './broken/connect.js'
import { expectRed } from './broken/expect-red.js'
import { fixture } from './broken/fixture.js'
import { flush } from './broken/flush.js'
import { identity } from './broken/identity.js'
import { joinAndLeave } from './broken/join-and-leave.js'
import { endLeaked } from './broken/sabotage.js'
import { start } from './broken/start.js'
import { turnsRed } from './broken/turns-red.js'

const broken = { ...fixture, ...identity, ...start, ...joinAndLeave, ...flush, ...connect }

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
