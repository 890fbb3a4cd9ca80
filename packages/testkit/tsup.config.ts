import base from '../../tsup.base.js'

export default { ...base, entry: ['src/index.ts', 'src/cli.ts'], dts: { entry: 'src/index.ts' } }
