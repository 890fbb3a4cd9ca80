import { describeTransport } from '@basestore/conformance'
import { describe, it } from 'vitest'
import { onLocalDht } from './fixture.js'

// Most of a case's time is waiting for the network, and each has a network of its own.
describeTransport({ describe, it: it.concurrent }, onLocalDht)
