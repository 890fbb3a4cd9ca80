import base from '../../tsup.base.js'

export default {
  ...base,
  entry: ['src/cli.ts', 'src/demo.ts', 'src/child.ts', 'src/local-dht.ts'],
  format: ['esm'],
  dts: false,
  sourcemap: false
}
