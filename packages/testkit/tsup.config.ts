import base from '../../tsup.base.js'

const COMMAND = 'src/cli.ts'
const entry = ['src/index.ts', COMMAND]

export default {
  ...base,
  entry,
  dts: { entry: 'src/index.ts' },
  // The command is an ES module: nobody requires it.
  esbuildOptions(options, { format }) {
    if (format === 'cjs') options.entryPoints = entry.filter((file) => file !== COMMAND)
  }
} satisfies typeof base
