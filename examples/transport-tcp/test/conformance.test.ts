import { describeTransport } from '@basestore/conformance'
import { describe, it } from 'vitest'
import fixture from './fixture.js'

// Most of a case's time is waiting for answers, and each has a network of its own.
describeTransport({ describe, it: it.concurrent }, fixture)
