// Prints which dependencies of all workspaces are behind the registry. Fails when one is that is not held back.
import { root } from './lib/packages.js'
import { pnpm, run } from './lib/process.js'

/** Why a newer major is not taken, by the name of the package. */
const HELD: Readonly<Record<string, string>> = {
  '@changesets/cli': '3 needs Node 22',
  '@types/node': 'describes the oldest Node that we support, 20',
  'dependency-cruiser': '18 needs Node 22',
  tsup: '9 needs Node 22',
  typescript: 'the declarations of tsup 8 fail on 6 and 7',
  vitest: '5 needs Node 22'
}

/** What pnpm tells of a dependency. */
interface Outdated {
  readonly current: string
  /** The newest that our range allows. */
  readonly wanted: string
  readonly latest: string
}

const [command, ...args] = pnpm()
// Its exit code is 1 when something is behind.
const { stdout, output } = await run(command, [...args, 'outdated', '--recursive', '--format', 'json'], {
  cwd: root
})
const behind = Object.entries(parse(stdout, output))
console.table(
  behind.map(([name, { current, wanted, latest }]) => ({ name, current, wanted, latest, held: HELD[name] }))
)
const free = behind.filter(([name, { current, wanted }]) => !HELD[name] || current !== wanted)
const idle = Object.keys(HELD).filter((name) => !behind.some(([found]) => found === name))
if (free.length > 0) console.log(`To update: ${free.map(([name]) => name).join(', ')}`)
if (idle.length > 0) console.log(`No longer behind, so HELD need not name it: ${idle.join(', ')}`)
process.exitCode = free.length + idle.length > 0 ? 1 : 0

function parse(stdout: string, output: string): Record<string, Outdated> {
  if (stdout.trim() === '') throw new Error(`pnpm outdated printed nothing\n${output}`)
  return JSON.parse(stdout) as Record<string, Outdated>
}
