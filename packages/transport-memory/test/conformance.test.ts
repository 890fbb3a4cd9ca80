import { describe, it } from 'vitest'
import { describeTransport } from '../src/index.js'
import { memory } from './fixtures/memory.js'

describeTransport({ describe, it }, memory)
