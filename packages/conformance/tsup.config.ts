import base from '../../tsup.base.js'

const library = { index: 'src/index.ts' }

export default {
  ...base,
  entry: { ...library, command: 'src/command/main.ts' },
  dts: { entry: library },
  // The command is an ES module: nobody requires it.
  esbuildOptions(options, { format }) {
    if (format === 'cjs') options.entryPoints = library
  }
} satisfies typeof base
