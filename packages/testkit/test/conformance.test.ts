import { describe, it } from 'vitest'
import { describeTransport } from '../src/index.js'
import { memory, shaped } from './fixtures/memory.js'

describeTransport({ describe, it }, memory)
describeTransport({ describe, it }, shaped)
