import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { FixtureNetwork, NetworkFaults, TransportFixture } from '@basestore/conformance'
import { type TcpTransport, tcp } from '../src/index.js'
import { freeUdpPort } from './ports.js'
import { hold, onDials } from './sockets.js'

const HOST = '127.0.0.1'
/** Milliseconds. On loopback answers take some turns of the event loop, which are slow on a busy machine. */
const WAIT = 300

/** A fault between two transports. */
interface Fault {
  readonly ends: ReadonlySet<unknown>
  readonly cut: boolean
  /** The work to do once it has healed. */
  readonly held: (() => void)[]
}

/** A network on loopback. It has its own UDP port for multicast DNS, which keeps it apart from other networks. */
export class LoopbackNetwork implements FixtureNetwork {
  readonly #udpPort: number
  /** The transport whose code is running: it owns the sockets that the code opens. */
  readonly #owner = new AsyncLocalStorage<TcpTransport>()
  readonly #transports: TcpTransport[] = []
  readonly #dialled = new Map<Socket, ReadonlySet<unknown>>()
  readonly #accepted = new Set<Socket>()
  readonly #faults = new Set<Fault>()
  readonly #endDials: () => void

  static async open(): Promise<LoopbackNetwork> {
    return new LoopbackNetwork(await freeUdpPort())
  }

  private constructor(udpPort: number) {
    this.#udpPort = udpPort
    this.#endDials = onDials(this.#ondial)
    subscribe('net.server.socket', this.#onserver)
  }

  createTransport(): TcpTransport {
    const transport = this.#owned(tcp({ host: HOST, mdns: { port: this.#udpPort, wait: WAIT } }))
    this.#transports.push(transport)
    return transport
  }

  close(): void {
    this.#endDials()
    unsubscribe('net.server.socket', this.#onserver)
    for (const { held } of this.#faults) for (const go of held.splice(0)) go()
  }

  readonly faults: Required<Omit<NetworkFaults, 'offline' | 'online'>> = {
    cut: (a, b) => {
      this.#faults.add({ ends: new Set([a, b]), cut: true, held: [] })
      for (const [socket, ends] of this.#dialled) if (ends.has(a) && ends.has(b)) socket.resetAndDestroy()
    },
    silence: (a, b) => {
      const fault = { ends: new Set([a, b]), cut: false, held: [] }
      this.#faults.add(fault)
      for (const [socket, ends] of this.#dialled) {
        if (ends.has(a) && ends.has(b)) for (const end of this.#bothEnds(socket)) hold(end, fault.held)
      }
    },
    heal: (a, b) => {
      for (const fault of this.#faults) {
        if (!fault.ends.has(a) || !fault.ends.has(b)) continue
        this.#faults.delete(fault)
        for (const go of fault.held.splice(0)) go()
      }
    },
    dial: async (transport) => {
      const socket = connect((transport as TcpTransport).port, HOST)
      await once(socket, 'connect')
      return socket
    }
  }

  #owned(transport: TcpTransport): TcpTransport {
    const owned: TcpTransport = new Proxy(transport, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target)
        if (typeof value !== 'function') return value
        return (...args: unknown[]) => this.#owner.run(owned, () => value.apply(target, args))
      }
    })
    return owned
  }

  #ondial = (socket: Socket, port: number, go: () => void): void => {
    const from = this.#owner.getStore()
    if (!from) {
      go()
      return
    }
    const ends = new Set([from, this.#transports.find((transport) => transport.port === port)])
    this.#dialled.set(socket, ends)
    socket.once('close', () => this.#dialled.delete(socket))
    const fault = [...this.#faults].find((fault) => [...ends].every((end) => fault.ends.has(end)))
    if (!fault) go()
    else if (fault.cut) socket.destroy(new Error('no route to the host'))
    else fault.held.push(go)
  }

  // Every network sees all sockets that this process accepts, so it adds no listeners to them.
  #onserver = (message: unknown): void => {
    for (const socket of this.#accepted) if (socket.destroyed) this.#accepted.delete(socket)
    this.#accepted.add((message as { socket: Socket }).socket)
  }

  #bothEnds(dialled: Socket): Socket[] {
    const accepted = [...this.#accepted].filter(({ remotePort }) => remotePort === dialled.localPort)
    return [dialled, ...accepted]
  }
}

const fixture: TransportFixture = { name: 'tcp', createNetwork: () => LoopbackNetwork.open() }

export default fixture
