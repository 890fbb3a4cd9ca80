import base from '../../tsup.base.js'

export default {
  ...base,
  entry: ['src/cli.ts', 'src/demo.ts', 'src/measure-memory.ts'],
  format: ['esm'],
  dts: false,
  sourcemap: false
}
