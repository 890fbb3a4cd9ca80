import { describeTransport } from '@basestore/conformance'
import { describe, it } from 'vitest'
import { memory } from './fixture.js'

describeTransport({ describe, it }, memory)
