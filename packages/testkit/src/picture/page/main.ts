import { showChosen } from './chosen.js'
import { showFaults } from './fault-list.js'
import { Graph } from './graph.js'
import { showHeader } from './header.js'
import { HeatMap } from './heat-map.js'
import { load } from './load.js'
import { showLog } from './log.js'
import { Run } from './run.js'
import { SpaceTime } from './space-time.js'
import { showTimes } from './times.js'
import { Traffic } from './traffic.js'
import { type Look, View } from './view.js'

const run = new Run(await load())
const { data } = run
const view = new View(firstLook())
showHeader(run, view)
showTimes(data, view)
showChosen(run, view)
showLog(data, view)
showFaults(data, view)
new Graph(run, view)
new SpaceTime(run, view)
new HeatMap(run, view)
new Traffic(run, view)
document.body.classList.add('ready')

/** Begins at the first failure, or in the middle of the run, with the two peers that sent each other the most. */
function firstLook(): Look {
  const { report, end, pairs, traffic, peers } = data
  const time = Math.min(report.failures[0]?.time ?? end / 2, end)
  const pair = traffic.pair[0] ?? 0
  return { time, a: pairs.a[pair] ?? 0, b: pairs.b[pair] ?? Math.min(1, peers.length - 1) }
}
