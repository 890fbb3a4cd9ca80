// Two machines on a network without the internet: two network namespaces, joined by a virtual cable and by nothing
// else. Each runs a networker with TCP and Hyperswarm at their defaults. Needs Linux, root and `ip`.
import { execFileSync } from 'node:child_process'
import { replicateBetween } from '../test/children/pair.mjs'

const run = (command) =>
  execFileSync(command.split(' ')[0], command.split(' ').slice(1), { stdio: 'inherit' })
const added = []
const machines = ['a', 'b'].map((letter, index) => ({
  name: `tcp-${process.pid}-${letter}`,
  cable: `tcp${process.pid}${letter}`,
  address: `10.98.76.${index + 1}`
}))

try {
  for (const { name } of machines) {
    run(`ip netns add ${name}`)
    added.push(name)
  }
  run(`ip link add ${machines[0].cable} type veth peer name ${machines[1].cable}`)
  for (const { name, cable, address } of machines) {
    run(`ip link set ${cable} netns ${name}`)
    run(`ip -n ${name} address add ${address}/24 dev ${cable}`)
    run(`ip -n ${name} link set lo up`)
    run(`ip -n ${name} link set ${cable} up`)
  }
  const on = ({ name }) => ({ command: ['ip', 'netns', 'exec', name, process.execPath], options: {} })
  const { blocks, type, remoteAddress } = await replicateBetween(machines.map(on))
  if (type !== 'tcp' || !remoteAddress.startsWith(machines[0].address)) {
    throw new Error(`expected TCP from ${machines[0].address}, got ${type} from ${remoteAddress}`)
  }
  console.log(`${blocks} blocks over ${type} from ${remoteAddress}, without the internet`)
} finally {
  for (const name of added) run(`ip netns delete ${name}`) // and with it its end of the cable
}
