import { type Profiler, Session } from 'node:inspector'
import { promisify } from 'node:util'

/** Time between two samples (µs). */
const INTERVAL = 100
const NODE = 'Node.js'
/** Time in which no package runs: waiting for I/O or for a core, Node's native code, the profiler itself. */
const WAITING = 'waiting'

let session: Session | undefined

/** Starts the sampling profiler of this process. */
export async function startProfile(): Promise<void> {
  session = new Session()
  session.connect()
  await post('Profiler.enable')
  await post('Profiler.setSamplingInterval', { interval: INTERVAL })
  await post('Profiler.start')
}

/** @returns by package, its own time (ms), with the time in Node.js and unnamed native code that it called */
export async function stopProfile(): Promise<Record<string, number>> {
  const { profile } = (await post('Profiler.stop')) as { profile: Profiler.Profile }
  session!.disconnect()
  return byPackage(profile)
}

function post(method: string, params = {}): Promise<unknown> {
  const send = session!.post.bind(session) as (
    method: string,
    params: object,
    done: (error: Error | null, result: unknown) => void
  ) => void
  return promisify(send)(method, params)
}

function byPackage({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Record<string, number> {
  const owners = new Map<number, string>()
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])))
  // The profiler lists each node after its parent.
  for (const { id, callFrame } of nodes)
    owners.set(id, ownerOf(callFrame) ?? owners.get(parents.get(id)!) ?? NODE)
  const times: Record<string, number> = {}
  for (const [at, id] of samples.entries()) {
    const owner = owners.get(id)!
    times[owner] = (times[owner] ?? 0) + timeDeltas[at]! / 1_000
  }
  const { [WAITING]: _, ...busy } = times
  return busy
}

/** The package of a function. Undefined for one whose time counts as its caller's. */
function ownerOf({ url, functionName }: Profiler.ProfileNode['callFrame']): string | undefined {
  if (url === 'node:inspector') return WAITING
  if (functionName === '(idle)' || functionName === '(program)') return WAITING
  if (functionName === '(garbage collector)') return 'garbage collector'
  const [, installed] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url) ?? []
  const [, own] = /\/packages\/([^/]+)\//.exec(url) ?? []
  return installed ?? (own && `ours: ${own}`)
}
