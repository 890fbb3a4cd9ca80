import { describeTransport } from '@basestore/conformance'
import { describe, it } from 'vitest'
import fixture from './fixture.js'

// Concurrent, since a case mostly waits for answers. Each case has its own network.
describeTransport({ describe, it: it.concurrent }, fixture)
