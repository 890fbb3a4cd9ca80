import base from '../../tsup.base.js'

// With the fixture, for the command that runs the suite without a test runner.
export default {
  ...base,
  entry: { index: 'src/index.ts', fixture: 'test/fixture.ts' },
  format: ['esm'],
  dts: { entry: { index: 'src/index.ts' } },
  sourcemap: false
}
