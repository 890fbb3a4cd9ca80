const { describeTransport } = require('@basestore/conformance')

const fixture = require(process.env.FIXTURE)
describeTransport({ describe, it }, fixture.default ?? fixture)
