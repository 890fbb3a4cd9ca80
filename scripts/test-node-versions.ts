// Runs every workspace's tests on several versions of Node, which npx brings along.
//
//   pnpm test:node-versions          on all of them
//   pnpm test:node-versions 22 24    on these
import { readdir } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { publicPackages, readJson, root, withTempDir } from './lib/packages.mjs'
import { mustRun, run } from './lib/process.mjs'

const VERSIONS = ['20', '22', '24']

const asked = process.argv.slice(2)
const versions = asked.length > 0 ? asked : VERSIONS
const workspaces = (await allWorkspaces()).filter(({ manifest }) => manifest.scripts?.test)
const rows = await withTempDir(async (temp) => {
  const results = []
  for (const version of versions) results.push(...(await testOn(version, temp)))
  return results
})
console.table(rows)
process.exitCode = rows.every(({ result }) => result === 'ok') ? 0 : 1

async function allWorkspaces() {
  const examples = (await readdir(join(root, 'examples'))).map((name) => join(root, 'examples', name))
  const privates = [...examples, join(root, 'tests')].map(async (dir) => ({
    dir,
    manifest: await readJson(join(dir, 'package.json'))
  }))
  return [...(await publicPackages()), ...(await Promise.all(privates))]
}

async function testOn(version, temp) {
  const node = await findNode(version)
  const actual = (await mustRun(node, ['--version'])).trim()
  const results = []
  // One after the other: some tests measure time.
  for (const { dir, manifest } of workspaces) {
    const report = join(temp, `${version}-${manifest.name.split('/').at(-1)}.json`)
    const { code, output } = await vitest(node, dir, manifest, report)
    if (code !== 0) console.log(output)
    const counts = await readJson(report).catch(() => ({}))
    results.push({
      node: actual,
      workspace: manifest.name,
      passed: counts.numPassedTests ?? 0,
      failed: counts.numFailedTests ?? 0,
      skipped: counts.numPendingTests ?? 0,
      result: code === 0 ? 'ok' : 'FAILED'
    })
    console.log(`${actual} ${manifest.name} ${code === 0 ? 'ok' : 'FAILED'}`)
  }
  return results
}

async function findNode(version) {
  if (process.versions.node.split('.')[0] === version) return process.execPath
  return (await mustRun('npx', ['-y', '-p', `node@${version}`, '-c', 'node -p process.execPath'])).trim()
}

/** Runs a workspace's `test` script, which is a vitest command, with another Node. */
function vitest(node, dir, manifest, report) {
  const [command, ...args] = manifest.scripts.test.split(' ')
  if (command !== 'vitest') throw new Error(`${manifest.name}: expected a vitest command, got ${command}`)
  const bin = join(root, 'node_modules/vitest/vitest.mjs')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile=${report}`]
  // Tests that start `node` shall get the same one.
  const env = { PATH: [dirname(node), process.env.PATH].join(delimiter) }
  return run(node, [bin, ...args, ...reporters], { cwd: dir, env })
}
