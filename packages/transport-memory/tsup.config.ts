import base from '../../tsup.base.js'

export default { ...base, dts: { compilerOptions: { stripInternal: true } } }
