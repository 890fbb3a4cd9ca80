import { type Profiler, Session } from 'node:inspector'
import { promisify } from 'node:util'

/** Microseconds between two samples. */
const INTERVAL = 100
const NODE = 'Node.js'
/** For I/O, in native code of Node's, for the core, or in the profiler itself. */
const WAITING = 'waiting'

let session: Session | undefined

/** From now on, this process takes samples of what it runs. */
export async function startProfile(): Promise<void> {
  session = new Session()
  session.connect()
  await post('Profiler.enable')
  await post('Profiler.setSamplingInterval', { interval: INTERVAL })
  await post('Profiler.start')
}

/** @returns the ms that each package took by itself, with what it called of Node.js and of native code without a name */
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
  // Each comes after its parent.
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

/** Undefined for what belongs to its caller. */
function ownerOf({ url, functionName }: Profiler.ProfileNode['callFrame']): string | undefined {
  if (url === 'node:inspector') return WAITING
  if (functionName === '(idle)' || functionName === '(program)') return WAITING
  if (functionName === '(garbage collector)') return 'garbage collector'
  const [, installed] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url) ?? []
  const [, own] = /\/packages\/([^/]+)\//.exec(url) ?? []
  return installed ?? (own && `ours: ${own}`)
}
