const { describeTransport } = require('@basestore/testkit')

const fixture = require(process.env.FIXTURE)
describeTransport({ describe, it }, fixture.default ?? fixture)
