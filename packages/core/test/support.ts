import { randomBytes } from 'node:crypto'
import { Extensions } from '@basestore/extensions'
import { attachStream, encodeHello, type StreamHooks, type StreamLink } from '@basestore/extensions/internal'
import NoiseSecretStream from '@hyperswarm/secret-stream'
import Protomux from 'protomux'
import { Duplex } from 'streamx'
import type { NoiseStream, StreamInfo, TopicMode, Transport, TransportHost } from '../src/transport.js'
import { secure } from '../src/transport.js'

type KeyPair = ReturnType<typeof newKeyPair>

export const newKeyPair = () => NoiseSecretStream.keyPair()

/** Two ends of a pipe. It delivers later, and each end closes with the other. */
export function rawPair(): [Duplex, Duplex] {
  const end = (other: () => Duplex): Duplex =>
    new Duplex({
      write(data, cb) {
        queueMicrotask(() => {
          other().push(data)
          cb(null)
        })
      },
      final(cb) {
        other().push(null)
        cb(null)
      },
      predestroy() {
        queueMicrotask(() => other().destroy())
      }
    })
  const a = end(() => b)
  const b = end(() => a)
  return [a, b]
}

/** An authenticated pair of streams, [ours, theirs]. */
export async function noisePair(
  keyPair = newKeyPair(),
  remoteKeyPair = newKeyPair()
): Promise<[NoiseStream, NoiseStream]> {
  const [raw, remoteRaw] = rawPair()
  return Promise.all([
    secure(raw, { keyPair, isInitiator: true }),
    secure(remoteRaw, { keyPair: remoteKeyPair, isInitiator: false })
  ])
}

/** A store that replicates nothing, and records what it was given. */
export function fakeStore() {
  const replicated: unknown[] = []
  return { replicated, replicate: (stream: unknown) => replicated.push(stream), closing: null as unknown }
}

/** Resolves with the arguments of the next `event`. */
export function next(
  emitter: { once(event: never, listener: never): unknown },
  event: string
): Promise<unknown[]> {
  const { once } = emitter as { once(event: string, listener: (...args: unknown[]) => void): unknown }
  return new Promise((resolve) => once.call(emitter, event, (...args) => resolve(args)))
}

/** A remote by hand: one program that attaches its ends of streams, and says which run and life it is. */
export class Remote {
  readonly extensions = new Extensions<object>()
  run = randomBytes(32)
  life = 1

  /** Says hello, and admits the networker. The hooks may use the link only later. */
  attach(stream: NoiseStream, hooks: StreamHooks = {}): StreamLink<object> {
    const link = attachStream<object>(this.extensions, stream, {
      ...hooks,
      handshake: () => encodeHello(this)
    })
    link.join(this)
    return link
  }
}

export type Call = string

/** A transport that does what a test tells it, and records what the core asks of it. */
export class FakeTransport implements Transport {
  readonly name: string
  readonly calls: Call[] = []
  host!: TransportHost
  topics: Uint8Array[] = []
  onstart: () => void | Promise<void> = () => {}
  onleave: () => void | Promise<void> = () => {}
  onflush: (topic: Uint8Array, signal: AbortSignal) => Promise<void> = async () => {}
  onstop: () => void | Promise<void> = () => {}

  constructor(name = 'fake') {
    this.name = name
  }

  start(host: TransportHost) {
    this.calls.push('start')
    this.host = host
    return this.onstart()
  }

  join(topic: Uint8Array, { announce, lookup }: TopicMode) {
    this.topics.push(topic)
    this.calls.push(`join ${topic[0]}${announce ? ' announce' : ''}${lookup ? ' lookup' : ''}`)
  }

  leave(topic: Uint8Array) {
    this.calls.push(`leave ${topic[0]}`)
    return this.onleave()
  }

  flush(topic: Uint8Array, { signal }: { signal: AbortSignal }) {
    this.calls.push(`flush ${topic[0]}`)
    return this.onflush(topic, signal)
  }

  stop() {
    this.calls.push('stop')
    return this.onstop()
  }

  /**
   * Hands over one end of a new pair, and returns both: [ours, theirs]. The remote knows Protomux and not our channel,
   * as plain Hyperswarm: it is heard, or we have refused it, when this resolves.
   */
  async handOver(remoteKeyPair = newKeyPair(), info: StreamInfo = { type: 'fake' }) {
    const pair = await this.handOverSoon(remoteKeyPair, info)
    await heard(pair[0])
    return pair
  }

  /** As `handOver`, and resolves at once. */
  async handOverSoon(remoteKeyPair = newKeyPair(), info: StreamInfo = { type: 'fake' }) {
    const pair = await this.handOverSilent(remoteKeyPair, info)
    Protomux.from(pair[1])
    return pair
  }

  /** As `handOver`, with a remote that says nothing until the test attaches something. */
  async handOverSilent(remoteKeyPair = newKeyPair(), info: StreamInfo = { type: 'fake' }) {
    const pair = await noisePair(this.host.keyPair as KeyPair, remoteKeyPair)
    this.host.connected(pair[0], info)
    return pair
  }
}

/** Connects two transports: their networkers are handed the two ends in one tick. Returns [a's, b's]. */
export async function link(a: FakeTransport, b: FakeTransport): Promise<[NoiseStream, NoiseStream]> {
  const pair = await noisePair(a.host.keyPair as KeyPair, b.host.keyPair as KeyPair)
  a.host.connected(pair[0], { type: a.name })
  b.host.connected(pair[1], { type: b.name })
  await Promise.all(pair.map(heard))
  return pair
}

/** Resolves when a frame of the remote was handled, or the stream is being destroyed. */
export async function heard(stream: NoiseStream): Promise<void> {
  const read = stream.rawBytesRead
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  while (stream.rawBytesRead === read && !stream.destroying) await turn()
  await turn()
}

export const topic = (n: number) => Buffer.alloc(32, n)

export function deferred<T = void>() {
  let resolve!: (value: T) => void
  let reject!: (error: unknown) => void
  const promise = new Promise<T>((res, rej) => {
    resolve = res
    reject = rej
  })
  return { promise, resolve, reject }
}
