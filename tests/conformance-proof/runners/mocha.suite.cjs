const { describeTransport } = require('@basestore/conformance')
const some = require('./some.cjs')

const fixture = require(process.env.FIXTURE)
describeTransport({ describe: some(describe), it }, fixture.default ?? fixture)
