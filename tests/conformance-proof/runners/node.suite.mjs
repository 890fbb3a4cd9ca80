import { describe, it } from 'node:test'
import { describeTransport } from '@basestore/conformance'

const { default: fixture } = await import(process.env.FIXTURE)
describeTransport({ describe, it }, fixture)
