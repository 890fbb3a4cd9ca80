import { describe, it } from 'node:test'
import { describeTransport } from '@basestore/conformance'
import some from './some.cjs'

const { default: fixture } = await import(process.env.FIXTURE)
describeTransport({ describe: some(describe), it }, fixture)
