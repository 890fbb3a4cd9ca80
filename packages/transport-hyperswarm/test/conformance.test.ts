import { describe, it } from 'vitest'
import { describeTransport } from '../src/index.js'
import { onLocalDht } from './fixtures/hyperswarm.js'

// Most of a case's time is waiting for the network, and each has a network of its own.
describeTransport({ describe, it: it.concurrent }, onLocalDht)
