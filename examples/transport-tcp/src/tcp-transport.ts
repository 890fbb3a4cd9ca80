import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { NoiseStream, TopicMode, Transport, TransportHost } from '@basestore/networker/transport'
import { NetworkerError, secure } from '@basestore/networker/transport'
import { abortable } from './abortable.js'
import { Mdns, type Place } from './mdns.js'
import { readOptions, type TcpOptions } from './options.js'
import { destroyWhenSilent } from './silence.js'

/** A lookup asks so often, since multicasts get lost. */
const QUESTIONS = 4
/** When topics are looked up again, which also dials lost peers again, in milliseconds. */
const REFRESH = 10_000
/** How long a dial with its handshake may take, in milliseconds. */
const TIMEOUT = 5_000
/** A link that closes sooner was refused, in milliseconds. */
const REFUSAL = 1_000

/** Half-open, so that what one side still sends arrives after the other has ended. */
const SOCKET = { allowHalfOpen: true, noDelay: true }

/** TCP on the local network. Peers are found by multicast DNS, or listed. */
export const tcp = (options: TcpOptions = {}): TcpTransport => new TcpTransport(options)

export class TcpTransport implements Transport {
  readonly name = 'tcp'
  /** Where it listens, once started. */
  port = 0
  readonly #options: ReturnType<typeof readOptions>
  readonly #mdns = new Mdns()
  readonly #server = createServer(SOCKET, (socket) => this.#handshake(socket))
  readonly #topics = new Map<string, TopicMode>()
  /** The dials under way, with the names that they are for. */
  readonly #dials = new Map<string, { readonly names: Set<string>; readonly done: Promise<void> }>()
  /** Who answered at the address of a listed peer. */
  readonly #keys = new Map<string, Uint8Array>()
  /** Who was met since the last lookup began: when such a link closes soon, it is not dialled anew. */
  readonly #met = new Set<string>()
  readonly #open = new Map<NoiseStream, Socket>()
  #host!: TransportHost
  #place: Place | null = null
  #closing = new AbortController()
  #timer: NodeJS.Timeout | undefined

  constructor(options: TcpOptions) {
    this.#options = readOptions(options)
  }

  async start(host: TransportHost): Promise<void> {
    this.#host = host
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

  // Every peer announces its own key, as if it were a topic.
  async connect(remotePublicKey: Uint8Array, { signal }: { readonly signal: AbortSignal }): Promise<void> {
    const connected = () => this.#has(remotePublicKey)
    if (!connected()) this.#topics.set(nameOf(remotePublicKey), { announce: false, lookup: true })
    const search = abortable(this.#seek(nameOf(remotePublicKey), connected), signal)
    await search.finally(() => this.#topics.delete(nameOf(remotePublicKey)))
    if (connected()) return
    const detail = 'nobody on this network has this key, or one of the two does not want the other'
    throw new NetworkerError('CONNECT_FAILED', detail, { transport: this.name })
  }

  async resume(): Promise<void> {
    const { port, host, mdns } = this.#options
    const { publicKey } = this.#host.keyPair
    this.#closing = new AbortController()
    await once(this.#server.listen(port, host), 'listening')
    this.port = (this.#server.address() as AddressInfo).port
    if (mdns) await this.#mdns.open(mdns.port, host, this.#onfound).catch(this.#host.fault)
    this.#place = { port: this.port, target: hex(publicKey).replace(/.{32}/g, '$&.').concat('local') }
    this.#mdns.announce(nameOf(publicKey), this.#place)
    const refresh = () => Array.from(this.#topics.keys(), (name) => this.#seek(name))
    refresh()
    this.#timer = setInterval(refresh, REFRESH)
  }

  async suspend(): Promise<void> {
    for (const stream of this.#open.keys()) stream.destroy()
    await this.stop()
  }

  async stop(): Promise<void> {
    this.#closing.abort()
    clearInterval(this.#timer)
    this.#server.close()
    await this.#mdns.close()
  }

  /** Announces and looks up. Settles when that is said, and everyone who was found was tried, or it is enough. */
  async #seek(name: string, enough = () => false): Promise<void> {
    const { signal } = this.#closing
    const { peers, mdns } = this.#options
    this.#met.clear()
    await this.#mdns.announce(name, this.#topics.get(name)?.announce ? this.#place : null)
    for (let i = 0; i < QUESTIONS && this.#topics.get(name)?.lookup && !signal.aborted && !enough(); i++) {
      this.#mdns.ask(name)
      for (const [host, port] of peers) this.#dial(name, host, port)
      if (mdns) await sleep(mdns.wait / QUESTIONS, undefined, { signal }).catch(() => {})
    }
    await Promise.all(Array.from(this.#dials.values(), ({ names, done }) => names.has(name) && done))
  }

  #onfound = (name: string, { port, target }: Place, host: string): void => {
    const key = Buffer.from(target.replaceAll('.', '').slice(0, 64), 'hex')
    if (this.#topics.get(name)?.lookup && key.length === 32) this.#dial(name, host, port, key)
  }

  #dial(name: string, host: string, port: number, expected?: Uint8Array): void {
    const address = `${host}:${port}`
    const id = expected ? hex(expected) : address
    const running = this.#dials.get(id)
    running?.names.add(name)
    if (running || this.#closing.signal.aborted) return
    const key = expected ?? this.#keys.get(address)
    if (key && (this.#has(key) || this.#met.has(hex(key)) || !this.#host.wants(key))) return
    const done = this.#handshake(connect({ host, port, ...SOCKET }), address, expected)
    this.#dials.set(id, { names: new Set([name]), done: done.finally(() => this.#dials.delete(id)) })
  }

  async #handshake(socket: Socket, dialled?: string, remotePublicKey?: Uint8Array): Promise<void> {
    const { signal } = this.#closing
    const { keyPair } = this.#host
    const options = { keyPair, isInitiator: dialled !== undefined, signal, handshakeTimeout: TIMEOUT }
    const opening = secure(socket, remotePublicKey ? { ...options, remotePublicKey } : options)
    const stream = await opening.catch(() => null) // nobody was there, or a stranger
    if (!stream) return

    const key = stream.remotePublicKey
    if (dialled && !remotePublicKey) this.#keys.set(dialled, key)
    // The other side dialled too, and was faster. It cannot find the same of us: its dial opened before ours.
    const surplus = dialled && this.#has(key)
    const over = stream.destroying || signal.aborted || this.#host.signal.aborted
    if (surplus || over || !this.#host.wants(key)) stream.destroy()
    else this.#handOver(stream, socket)
  }

  #handOver(stream: NoiseStream, socket: Socket): void {
    const id = hex(stream.remotePublicKey)
    const since = performance.now()
    this.#open.set(stream, socket)
    this.#met.add(id)
    stream.once('close', () => {
      this.#open.delete(stream)
      if (performance.now() - since > REFUSAL) this.#met.delete(id)
    })
    destroyWhenSilent(stream, socket)
    const remoteAddress = `${socket.remoteAddress}:${socket.remotePort}`
    this.#host.connected(stream, { type: this.name, remoteAddress })
  }

  #has(key: Uint8Array): boolean {
    for (const [stream, { readable, writable }] of this.#open) {
      if (readable && writable && Buffer.compare(stream.remotePublicKey, key) === 0) return true
    }
    return false
  }
}

/** A topic or a key as the network sees it: a hash, which only those who know it recognise. */
function nameOf(bytes: Uint8Array): string {
  return `${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}._basestore._tcp.local`
}

function hex(key: Uint8Array): string {
  return Buffer.from(key).toString('hex')
}
