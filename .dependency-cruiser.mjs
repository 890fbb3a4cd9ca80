// Which file may import which, types included: `pnpm tidy` checks it.

/**
 * What each folder of packages/ may import of ours, as built files; third parties where the list is closed. All else
 * that a package imports is for its package.json to say. A folder that is not listed may import nothing of ours.
 */
const MAY_IMPORT = {
  extensions: { ours: [], others: ['protomux', 'compact-encoding'] },
  core: {
    ours: ['extensions', 'extensions/internal'],
    others: ['@hyperswarm/secret-stream', 'hypercore-id-encoding']
  },
  'transport-hyperswarm': { ours: ['core/transport'] },
  'transport-memory': { ours: ['core/transport'] },
  'transport-kit': { ours: ['core/transport'] },
  'transport-lan': { ours: ['transport-kit'] },
  'transport-websocket': { ours: ['transport-kit'] },
  conformance: { ours: ['core/transport'] },
  'storage-memory': { ours: [] },
  'simulated-internet': { ours: ['transport-memory'] },
  testkit: { ours: ['core', 'core/transport', 'transport-memory', 'storage-memory', 'simulated-internet'] }
}

const LISTED = Object.keys(MAY_IMPORT).join('|')

/** The built files of an entry point: `core` stands for its index, `core/transport` for that subpath. */
function built(entry) {
  const [folder, file = 'index'] = entry.split('/')
  return `^packages/${folder}/dist/${file}[.]`
}

function layer([folder, { ours, others }]) {
  const from = { path: `^packages/${folder}/src/` }
  const rules = [
    {
      name: `layers of ${folder}`,
      comment: `packages/${folder} may import of ours: ${ours.join(', ') || 'nothing'}`,
      severity: 'error',
      from,
      to: { path: '^packages/', pathNot: [`^packages/${folder}/src/`, ...ours.map(built)] }
    }
  ]
  if (!others) return rules
  const allowed = others.map((name) => `/node_modules/${name}/`)
  const comment = `packages/${folder} may import of others: ${others.join(', ')}`
  const to = { path: 'node_modules/', pathNot: allowed }
  return [...rules, { name: `third parties of ${folder}`, comment, severity: 'error', from, to }]
}

export default {
  forbidden: [
    {
      name: 'circles',
      comment: 'No two files need each other, types included: move what both need into a third',
      severity: 'error',
      from: {},
      to: { circular: true }
    },
    {
      name: 'unlisted packages',
      comment: 'Say in .dependency-cruiser.mjs what this package may import',
      severity: 'error',
      from: { path: '^packages/([^/]+)/src/', pathNot: `^packages/(${LISTED})/` },
      to: { path: '^packages/', pathNot: '^packages/$1/src/' }
    },
    {
      name: 'unresolved',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true }
    },
    ...Object.entries(MAY_IMPORT).flatMap(layer)
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules/|/dist/' },
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default']
    }
  }
}
