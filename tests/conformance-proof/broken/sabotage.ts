import type { FixtureNetwork, TransportFixture } from '@basestore/conformance'
import type {
  NoiseStream,
  StreamInfo,
  TopicMode,
  Transport,
  TransportHost
} from '@basestore/networker/transport'
import { MemoryNetwork } from '@basestore/transport-memory'
import { fixtureNetwork } from '../../../packages/transport-memory/test/fixture.js'

/** What the broken transports of one network share. */
export interface Shared {
  readonly network: FixtureNetwork
  /** The transports of the network, as its users see them. */
  readonly transports: Transport[]
  /** The ends of each connection that were handed over, in that order, by the handshake's hash in hex. */
  readonly ends: Map<string, NoiseStream[]>
  readonly hosts: Map<Transport, TransportHost>
  /** Which transports have joined a topic, by the topic in hex. Broken transports fill it where they need it. */
  readonly joined: Map<string, Set<Transport>>
  /** The transports whose network is away. */
  readonly offline: Set<Transport>
  /** Called at each hand-over of a transport. */
  readonly onhandover: Map<Transport, () => void>
  /** Resolves once two transports of the network have called it. */
  company(): Promise<void>
}

/** Returns methods that replace those of a memory transport. `self` is the transport as its user sees it. */
export type Change = (inner: Transport, shared: Shared, self: () => Transport) => Partial<Transport>

/** A fixture of memory transports with some methods replaced. */
export function broken(change: Change): TransportFixture {
  return brokenNetwork((network) => network, change)
}

/** A fixture whose networks are altered, and whose transports can be changed too. */
export function brokenNetwork(
  alter: (network: FixtureNetwork, shared: Shared) => FixtureNetwork,
  change: Change = () => ({}),
  createInner: () => FixtureNetwork = () => fixtureNetwork(new MemoryNetwork())
): TransportFixture {
  const createNetwork = (): FixtureNetwork => {
    const inner = createInner()
    const inners = new Map<Transport, Transport>()
    const waiting: (() => void)[] = []
    const shared: Shared = {
      network: inner,
      transports: [],
      ends: new Map(),
      hosts: new Map(),
      joined: new Map(),
      offline: new Set(),
      onhandover: new Map(),
      company: () =>
        new Promise((resolve) => {
          waiting.push(resolve)
          if (waiting.length > 1) for (const go of waiting) go()
        })
    }
    const network = {
      ...inner,
      createTransport: () => {
        const memory = inner.createTransport() as Transport
        const transport = delegate(memory, shared)
        Object.assign(
          transport,
          change(memory, shared, () => transport)
        )
        inners.set(transport, memory)
        shared.transports.push(transport)
        return transport
      },
      faults: {
        cut: (a: Transport, b: Transport) => inner.faults!.cut!(inners.get(a)!, inners.get(b)!),
        silence: (a: Transport, b: Transport) => inner.faults!.silence!(inners.get(a)!, inners.get(b)!),
        heal: (a: Transport, b: Transport) => inner.faults!.heal!(inners.get(a)!, inners.get(b)!),
        offline: (transport: Transport) => {
          shared.offline.add(transport)
          return inner.faults!.offline!(inners.get(transport)!)
        },
        online: (transport: Transport) => {
          shared.offline.delete(transport)
          return inner.faults!.online!(inners.get(transport)!)
        },
        dial: (transport: Transport) => inner.faults!.dial!(inners.get(transport)!)
      }
    }
    return alter(network, shared)
  }
  return { createNetwork }
}

/** A fixture whose transports call the host in another way. */
export function brokenHost(
  change: (host: TransportHost, shared: Shared, self: () => Transport) => Partial<TransportHost>,
  more: Change = () => ({})
): TransportFixture {
  return broken((inner, shared, self) => ({
    start: (host) =>
      inner.start(hostWith(recorded(host, shared, self()), (real) => change(real, shared, self))),
    ...more(inner, shared, self)
  }))
}

/** A fixture whose transports change their streams just before they hand them over. */
export function brokenStreams(
  change: (stream: NoiseStream, end: { other: () => NoiseStream | undefined; host: TransportHost }) => void
): TransportFixture {
  return brokenHost((host, shared) => ({
    connected: (stream, info) => {
      const other = () => shared.ends.get(idOf(stream))?.find((end) => end !== stream)
      change(stream, { other, host })
      host.connected(stream, info)
    }
  }))
}

/** A fixture whose transports hand streams over with other info. */
export function brokenInfo(change: (info: StreamInfo) => object): TransportFixture {
  return brokenHost((host) => ({
    connected: (stream, info) => host.connected(stream, { ...info, ...change(info) })
  }))
}

export function hostWith(
  host: TransportHost,
  change: (host: TransportHost) => Partial<TransportHost>
): TransportHost {
  const { keyPair, signal } = host
  return {
    keyPair,
    signal,
    wants: (key, options) => host.wants(key, options),
    refuse: (stream) => host.refuse(stream),
    connected: (stream, info) => host.connected(stream, info),
    fault: (error) => host.fault(error),
    online: (state) => host.online(state),
    note: (note) => host.note(note),
    ...change(host)
  }
}

export const BOTH: TopicMode = { announce: true, lookup: true }
export const ANNOUNCE: TopicMode = { announce: true, lookup: false }
export const LOOKUP: TopicMode = { announce: false, lookup: true }

export const never = new Promise<never>(() => {})

/** A signal that never aborts. */
export function noSignal(): { signal: AbortSignal } {
  return { signal: new AbortController().signal }
}

export function idOf(stream: NoiseStream): string {
  return hex(stream.handshakeHash ?? Buffer.alloc(0))
}

export function hex(key: Uint8Array): string {
  return Buffer.from(key).toString('hex')
}

export async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** Timers that broken transports leave behind. The test ends them with {@link endLeaked}. */
export const leaked = new Set<NodeJS.Timeout>()

export function leak(): NodeJS.Timeout {
  const timer = setInterval(() => {}, 60_000)
  leaked.add(timer)
  return timer
}

export function replace<T extends object>(target: T, properties: Partial<Record<keyof T, unknown>>): void {
  for (const [name, value] of Object.entries(properties)) {
    Object.defineProperty(target, name, { value, configurable: true, writable: true })
  }
}

function delegate(inner: Transport, shared: Shared): Transport {
  const transport: Transport = {
    name: inner.name,
    start: (host) => inner.start(hostWith(recorded(host, shared, transport), () => ({}))),
    join: (topic, mode) => inner.join(topic, mode),
    leave: (topic) => inner.leave(topic),
    flush: (topic, options) => inner.flush(topic, options),
    connect: (key, options) => inner.connect!(key, options),
    suspend: () => inner.suspend!(),
    resume: () => inner.resume!(),
    stop: () => inner.stop()
  }
  return transport
}

function recorded(
  host: TransportHost,
  { ends, hosts, onhandover }: Shared,
  transport: Transport
): TransportHost {
  hosts.set(transport, host)
  return hostWith(host, () => ({
    connected: (stream, info) => {
      const known = ends.get(idOf(stream)) ?? []
      if (!known.includes(stream)) ends.set(idOf(stream), [...known, stream])
      host.connected(stream, info)
      onhandover.get(transport)?.()
    }
  }))
}

export function endLeaked(): void {
  for (const timer of leaked) clearInterval(timer)
}
