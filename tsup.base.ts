import type { Options } from 'tsup'

// splitting: so that index and subpath share one error class in CommonJS too.
const options: Options = {
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  dts: true,
  splitting: true,
  sourcemap: true,
  clean: true,
  target: 'node20',
  platform: 'node',
  treeshake: true
}

export default options
