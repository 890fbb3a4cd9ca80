import { describeTransport } from '@basestore/conformance'
import { describe, it } from 'vitest'
import { MemoryNetwork } from '../src/index.js'
import { memoryFixture } from './fixture.js'

const fixture = memoryFixture('memory', () => new MemoryNetwork())

describeTransport({ describe, it }, fixture)
