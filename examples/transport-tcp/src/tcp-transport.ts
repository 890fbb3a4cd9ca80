import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { NoiseStream, TopicMode, Transport, TransportHost } from '@basestore/networker/transport'
import { abortable, NetworkerError, secure } from '@basestore/networker/transport'
import { Mdns, type Place } from './mdns.js'
import { readOptions, type TcpOptions } from './options.js'

/** Questions per lookup: multicasts get lost. */
const QUESTIONS = 4
/** Interval at which all topics are looked up again (ms). It also dials lost peers again. */
const REFRESH = 10_000
/** Time limits of a dial with its handshake, and of silence on a connection (ms). */
const LIMITS = { handshakeTimeout: 5_000, idleTimeout: 5_000 }
/** Half-open: after one side has called end(), the other can still send. */
const SOCKET = { allowHalfOpen: true, noDelay: true }

/** TCP on the local network. Multicast DNS finds the peers, or the user lists them. */
export const tcp = (options: TcpOptions = {}): TcpTransport => new TcpTransport(options)

export class TcpTransport implements Transport {
  readonly name = 'tcp'
  /** The TCP port that it listens on, once started. */
  port = 0
  readonly #options: ReturnType<typeof readOptions>
  readonly #mdns = new Mdns()
  readonly #server = createServer(SOCKET, (socket) => this.#handshake(socket))
  readonly #topics = new Map<string, TopicMode>()
  /** The dials under way, each with the names of the topics that it is for. */
  readonly #dials = new Map<string, { readonly names: Set<string>; readonly done: Promise<void> }>()
  /** The key of the listed peer that answered, by its `'host:port'`. */
  readonly #keys = new Map<string, Uint8Array>()
  /** The peers dialled since the last lookup began. Its further answers do not dial them again. */
  readonly #tried = new Set<string>()
  readonly #open = new Map<NoiseStream, Socket>()
  #host!: TransportHost
  #place!: Place
  #closing = new AbortController()
  #opening: Promise<unknown> = Promise.resolve()

  constructor(options: TcpOptions) {
    this.#options = readOptions(options)
  }

  async start(host: TransportHost): Promise<void> {
    this.#host = host
    // Every peer announces its own key like a topic, so that others can connect to it by key.
    this.#topics.set(nameOf(host.keyPair.publicKey), { announce: true, lookup: false })
    await this.resume()
    this.#server.on('error', host.fault)
  }

  join(topic: Uint8Array, mode: TopicMode): void {
    this.#topics.set(nameOf(topic), mode)
    this.#seek(nameOf(topic))
  }

  async leave(topic: Uint8Array): Promise<void> {
    this.#topics.delete(nameOf(topic))
    await this.#mdns.announce(nameOf(topic), null)
  }

  async flush(topic: Uint8Array, { signal }: { readonly signal: AbortSignal }): Promise<void> {
    await abortable(this.#seek(nameOf(topic)), signal)
  }

  async connect(key: Uint8Array, { signal }: { readonly signal: AbortSignal }): Promise<void> {
    const name = nameOf(key)
    this.#topics.set(name, { announce: false, lookup: true })
    const sought = this.#seek(name, () => this.#has(key)).finally(() => this.#topics.delete(name))
    await abortable(sought, signal)
    if (this.#has(key)) return
    const detail = 'nobody on this network has this key, or one of the two does not want the other'
    throw new NetworkerError('CONNECT_FAILED', detail, { transport: this.name })
  }

  async resume(): Promise<void> {
    const { port, host, mdns } = this.#options
    this.#closing = new AbortController()
    const open = async () => mdns && this.#mdns.open(mdns.port, host, this.#onfound).catch(this.#host.fault)
    const refresh = () => open().then(() => Array.from(this.#topics.keys(), (name) => this.#seek(name)))
    const timer = setInterval(refresh, REFRESH)
    this.#closing.signal.addEventListener('abort', () => clearInterval(timer))
    this.#opening = Promise.all([once(this.#server.listen(port, host), 'listening'), open()])
    await this.#opening
    this.port = (this.#server.address() as AddressInfo).port
    const key = Buffer.from(this.#host.keyPair.publicKey).toString('hex')
    this.#place = { port: this.port, target: `${key.slice(0, 32)}.${key.slice(32)}.local` }
    refresh()
  }

  async suspend(): Promise<void> {
    for (const stream of this.#open.keys()) stream.destroy()
    await this.stop()
  }

  async stop(): Promise<void> {
    this.#closing.abort()
    await this.#opening.catch(() => {}) // a server that is still opening cannot be closed
    this.#server.close()
    await this.#mdns.close()
  }

  /** Announces and looks up. Resolves when the dials of all answers have ended, or sooner when it is enough. */
  async #seek(name: string, enough = () => false): Promise<void> {
    const { signal } = this.#closing
    const { peers, mdns } = this.#options
    this.#tried.clear()
    await this.#mdns.announce(name, this.#topics.get(name)?.announce ? this.#place : null)
    for (let i = 0; i < QUESTIONS && this.#topics.get(name)?.lookup && !signal.aborted && !enough(); i++) {
      this.#mdns.ask(name)
      for (const [host, port] of peers) this.#dial(name, host, port)
      if (mdns) await sleep(mdns.wait / QUESTIONS, undefined, { ref: false }) // may outlast stop()
    }
    await Promise.all(Array.from(this.#dials.values(), ({ names, done }) => names.has(name) && done))
  }

  #onfound = (name: string, { port, target }: Place, host: string): void => {
    const key = Buffer.from(target.replaceAll('.', '').slice(0, 64), 'hex')
    if (this.#topics.get(name)?.lookup && key.length === 32) this.#dial(name, host, port, key)
  }

  #dial(name: string, host: string, port: number, expected?: Uint8Array): void {
    const id = `${expected ? nameOf(expected) : host}:${port}`
    this.#dials.get(id)?.names.add(name)
    const key = expected ?? this.#keys.get(id)
    if (this.#tried.has(id) || this.#dials.has(id)) return
    if (key && (this.#has(key) || !this.#host.wants(key))) return
    this.#tried.add(id)
    const done = this.#handshake(connect({ host, port, ...SOCKET }), id, expected)
    this.#dials.set(id, { names: new Set([name]), done: done.finally(() => this.#dials.delete(id)) })
  }

  async #handshake(socket: Socket, dialled?: string, remotePublicKey?: Uint8Array): Promise<void> {
    const ours = { keyPair: this.#host.keyPair, signal: this.#closing.signal, ...LIMITS }
    const options = { ...ours, remotePublicKey, isInitiator: dialled !== undefined }
    const stream = await secure(socket, options).catch(() => null) // nobody answered, or a stranger
    if (!stream) return
    if (dialled && !remotePublicKey) this.#keys.set(dialled, stream.remotePublicKey)
    if (stream.destroying) return
    if (!this.#host.wants(stream.remotePublicKey, { inbound: !stream.isInitiator })) {
      this.#host.refuse(stream)
      return
    }
    this.#open.set(stream, socket)
    stream.once('close', () => this.#open.delete(stream))
    const { remoteAddress, remotePort } = socket
    this.#host.connected(stream, { type: this.name, remoteAddress: `${remoteAddress}:${remotePort}` })
  }

  #has(key: Uint8Array): boolean {
    const usable = [...this.#open].filter(([, { readable, writable }]) => readable && writable)
    return usable.some(([{ remotePublicKey }]) => Buffer.compare(remotePublicKey, key) === 0)
  }
}

/** The name of a topic or a key on the network: its hash. Only peers that know the topic recognise it. */
function nameOf(bytes: Uint8Array): string {
  return `${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}._basestore._tcp.local`
}
