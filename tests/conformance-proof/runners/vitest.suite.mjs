import { describeTransport } from '@basestore/conformance'
import { describe, it } from 'vitest'
import some from './some.cjs'

const { default: fixture } = await import(process.env.FIXTURE)
describeTransport({ describe: some(describe), it }, fixture)
