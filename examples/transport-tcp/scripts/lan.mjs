// Simulates two machines on a network without internet: two network namespaces, joined by a virtual cable. Each runs a
// networker with TCP and Hyperswarm at their defaults. Exits with 0 only when all blocks were replicated over TCP, and
// removes its namespaces. Needs Linux, root and `ip`.
import { execFileSync } from 'node:child_process'
import { replicateBetween } from '../test/children/pair.mjs'

const BLOCKS = 1_000
/** Time limit of the whole script (ms). */
const BOUND = 90_000

const run = (command) =>
  execFileSync(command.split(' ')[0], command.split(' ').slice(1), { stdio: 'inherit' })
const machines = ['a', 'b'].map((letter, index) => ({
  name: `basestore-${process.pid}-${letter}`,
  cable: `bs${process.pid}${letter}`, // 15 characters at most
  address: `10.98.76.${index + 1}`
}))
const added = new Set()

/** Deletes the namespaces, and the cable with them. When one cannot be deleted, the others still are. */
function cleanUp() {
  for (const name of added) {
    added.delete(name)
    try {
      const pids = execFileSync('ip', ['netns', 'pids', name], { encoding: 'utf8' })
      for (const pid of pids.split('\n').filter(Boolean)) process.kill(Number(pid), 'SIGKILL')
      run(`ip netns delete ${name}`)
    } catch (error) {
      console.error(error.message)
      process.exitCode = 1
    }
  }
}

process.exitCode = 1 // until all blocks have arrived
process.once('exit', cleanUp)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1))
const late = setTimeout(() => {
  console.error(`not done after ${BOUND} ms`)
  process.exit(1)
}, BOUND)

for (const { name } of machines) {
  run(`ip netns add ${name}`)
  added.add(name)
}
const [a, b] = machines
run(`ip link add ${a.cable} netns ${a.name} type veth peer name ${b.cable} netns ${b.name}`)
for (const { name, cable, address } of machines) {
  run(`ip -n ${name} address add ${address}/24 dev ${cable}`)
  run(`ip -n ${name} link set lo up`)
  run(`ip -n ${name} link set ${cable} up`)
}
const on = ({ name }) => ({ command: ['ip', 'netns', 'exec', name, process.execPath], options: {} })
const { blocks, type, remoteAddress } = await replicateBetween(machines.map(on))
if (blocks !== BLOCKS || type !== 'tcp' || !remoteAddress.startsWith(`${a.address}:`)) {
  throw new Error(
    `expected ${BLOCKS} blocks over tcp from ${a.address}, got ${blocks} over ${type} from ${remoteAddress}`
  )
}
clearTimeout(late)
process.exitCode = 0
cleanUp()
console.log(`${blocks} blocks over ${type} from ${remoteAddress}, without the internet`)
