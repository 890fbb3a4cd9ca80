import type { RawStream, Transport } from '@basestore/networker/transport'
import { invalidOption } from './check.js'
import { FaultInjector } from './faults/fault-injector.js'
import { Host, type HostOptions } from './host.js'
import { type MemoryNetworkOptions, toFullOptions } from './network-options.js'
import { NetworkParts } from './network-parts.js'
import { Random } from './random.js'
import type { Clock } from './time/clock.js'
import { MemoryTransport } from './transport.js'

/**
 * A network in one process. Its peers find and reach each other over real Noise streams. Two networks never see each
 * other: all that a network knows is in its object.
 *
 * ```ts
 * const network = new MemoryNetwork()
 * const a = new Networker(storeA, { transports: [network.transport()] })
 * const b = new Networker(storeB, { transports: [network.transport()] })
 * ```
 */
export class MemoryNetwork extends FaultInjector {
  readonly name: string
  readonly seed: number | string
  readonly clock: Clock
  readonly #parts: NetworkParts

  /** @throws NetworkerError `INVALID_OPTION` */
  constructor(options: MemoryNetworkOptions = {}) {
    const full = toFullOptions(options)
    const parts = new NetworkParts(full)
    super(parts)
    this.name = full.name
    this.seed = full.seed
    this.clock = full.clock
    this.#parts = parts
  }

  /**
   * Adds a computer. One of the name of a computer that was killed stands for its restart.
   *
   * @throws NetworkerError `INVALID_OPTION`, also when a host of that name runs
   */
  host(options: HostOptions = {}): Host {
    return this.#parts.hosts.add(options)
  }

  /**
   * Adds a peer: a transport for one networker. Its streams have the type `'memory'`, and its address is the host's
   * name with the number of the transport on it, as in `memory-1:1`.
   *
   * @param host the computer that it runs on, or the name or the options of a new one
   * @throws NetworkerError `INVALID_OPTION`, also for a host that was killed, or is another network's
   */
  transport(host: Host | HostOptions | string = {}): Transport {
    const on = host instanceof Host ? host : this.host(typeof host === 'string' ? { name: host } : host)
    const { hosts, directory, discovery, links } = this.#parts
    hosts.assertKnown(on)
    if (on.isDead) {
      throw invalidOption(
        `the host ${on.name} was killed; make another one with network.host({ name: '${on.name}' })`
      )
    }
    const address = `${on.name}:${++on.transports}`
    // Each peer has a generator of its own, so that a new peer does not shift the others' numbers.
    const random = new Random(`${this.seed}/${address}`)
    return new MemoryTransport({ name: this.name, address, host: on, directory, discovery, links, random })
  }

  /**
   * Dials a started transport as a stranger, for tests of what strangers send. Nothing is encrypted on the link.
   *
   * @param from the stranger's host. @default a new host
   * @throws NetworkerError `INVALID_OPTION` when the transport was not started, or one of the two is not of this
   * network
   */
  dial(transport: Transport, from?: Host): RawStream {
    if (!(transport instanceof MemoryTransport)) {
      throw invalidOption('dial() takes a transport that network.transport() gave')
    }
    const { connections } = transport
    if (!connections) throw invalidOption('the transport was not started; await listen() of its networker')
    const { hosts, links } = this.#parts
    hosts.assertKnown(connections.host, ...(from ? [from] : []))
    const host = from ?? this.host()
    const stranger = { id: host.name, publicKey: new Uint8Array(32), address: `${host.name}:0` }
    const end = links.dial(host, connections.host, (far) => connections.accept(far, stranger))
    return end as unknown as RawStream // streamx's types ask `end` for an argument
  }

  /** How many links there are. A link of which one end has closed still counts. */
  get links(): number {
    return this.#parts.links.size
  }
}
