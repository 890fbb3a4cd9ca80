import { describeTransport } from '@basestore/testkit'
import { describe, it } from 'vitest'
import fixture from './fixture.js'

describeTransport({ describe, it }, fixture)
