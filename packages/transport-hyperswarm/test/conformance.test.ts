import { describeTransport } from '@basestore/conformance'
import { afterAll, describe, it } from 'vitest'
import { LocalDhts } from './fixture.js'

const dhts = new LocalDhts()
afterAll(() => dhts.destroy())

// Most of a case's time is waiting for the network, so cases run side by side.
describeTransport({ describe, it: it.concurrent }, dhts)
