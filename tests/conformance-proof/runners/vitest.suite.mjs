import { describeTransport } from '@basestore/conformance'
import { describe, it } from 'vitest'

const { default: fixture } = await import(process.env.FIXTURE)
describeTransport({ describe, it }, fixture)
