import { closeSync, openSync, writeSync } from 'node:fs'
import { readOptions } from '../../simulation/options.js'
import type { SimulationReport } from '../../simulation/report.js'
import { runScenario } from '../../simulation/simulate.js'
import type { Simulation } from '../../simulation/simulation.js'
import type { TraceEvent } from '../../simulation/trace.js'
import { type LoadedScenario, loadScenario } from './load-scenario.js'
import { type Answer, END, type Task } from './protocol.js'

/** How often the parent is told how far the run is, in real milliseconds. */
const EVERY = 250
/** How many events pass between two looks at the time. */
const LOOK = 256
/** How many characters of the trace are written at a time. */
const CHUNK = 64 * 1024
/** Captured before the virtual clock replaces it. */
const realNow = performance.now.bind(performance)

/** Runs tasks of the parent process, one at a time, until the parent is gone. */
export function work(): void {
  let scenario: Promise<LoadedScenario> | undefined
  process.on('message', async (task: Task | typeof END) => {
    if (task === END) process.exit()
    try {
      scenario ??= loadScenario(task.file)
      tell({ type: 'report', report: await runTask(task, await scenario) })
    } catch (error) {
      tell({ type: 'refusal', message: error instanceof Error ? error.message : String(error) })
    }
  })
  process.on('SIGINT', () => {}) // a terminal sends it to all processes; the parent ends this one
  process.once('disconnect', () => process.exit())
}

async function runTask(task: Task, { run, name, options }: LoadedScenario): Promise<SimulationReport> {
  const { seed, faults, trace, progress } = task
  const file = trace === undefined ? undefined : new TraceFile(trace)
  const watch = new Watch()
  const given = { ...options, ...(seed !== undefined && { seed }), ...(faults && { faults }) }
  const chosen = readOptions(given, name)
  const onevent = (event: TraceEvent): void => {
    file?.add(event)
    if (progress) watch.add(event)
    options.onevent?.(event)
  }
  tell({ type: 'start', seed: chosen.seed, wall: chosen.limits.wall })
  try {
    return await runScenario({ ...chosen, onevent }, async (sim) => {
      watch.sim = sim
      await run(sim)
    })
  } finally {
    file?.close()
  }
}

function tell(answer: Answer): void {
  process.send?.(answer)
}

/** Tells the parent now and then how far a run is. */
class Watch {
  sim: Simulation | undefined
  #frames = 0
  #looks = 0
  #next = realNow() + EVERY

  add({ type, time }: TraceEvent): void {
    if (type === 'frame') this.#frames++
    if (++this.#looks % LOOK !== 0 || realNow() < this.#next) return
    this.#next = realNow() + EVERY
    tell({ type: 'progress', time, frames: this.#frames, events: this.sim?.clock.events ?? 0 })
  }
}

/** Writes synchronously: the virtual clock would wait for work in the background. */
class TraceFile {
  readonly #file: number
  #chunk = ''

  constructor(path: string) {
    this.#file = openSync(path, 'w')
  }

  add(event: TraceEvent): void {
    this.#chunk += `${JSON.stringify(event)}\n`
    if (this.#chunk.length >= CHUNK) this.#flush()
  }

  close(): void {
    this.#flush()
    closeSync(this.#file)
  }

  #flush(): void {
    writeSync(this.#file, this.#chunk)
    this.#chunk = ''
  }
}
