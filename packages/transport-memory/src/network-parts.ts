import { Directory } from './discovery/directory.js'
import { Discovery } from './discovery/discovery.js'
import type { OnEvent } from './events.js'
import type { FaultInjectorContext } from './faults/fault-injector.js'
import { Faults } from './faults/faults.js'
import type { InjectedFault } from './faults/injected-fault.js'
import { Hosts } from './hosts.js'
import { Links } from './links/links.js'
import type { FullNetworkOptions } from './network-options.js'
import type { Clock } from './time/clock.js'

/** The parts of a network, put together. */
export class NetworkParts implements FaultInjectorContext {
  readonly clock: Clock
  readonly seed: string
  readonly hosts: Hosts
  readonly faults: Faults
  readonly links: Links
  readonly directory = new Directory()
  readonly discovery: Discovery
  readonly #onevent: OnEvent | undefined

  constructor({ seed, name, clock, shape, discovery: options, timeout, onevent }: FullNetworkOptions) {
    this.clock = clock
    this.seed = String(seed)
    this.#onevent = onevent
    this.hosts = new Hosts(name)
    this.faults = new Faults((id, fault, over) => this.#onfault(id, fault, over))
    const context = { clock, seed: this.seed, faults: this.faults, onevent }
    this.links = new Links({ ...context, timeout, shape })
    this.discovery = new Discovery({ ...context, directory: this.directory, options })
  }

  #onfault(id: number, fault: Pick<InjectedFault, 'kind' | 'who'>, over: boolean): void {
    const { kind, who } = fault
    this.#onevent?.({ type: 'fault', time: this.clock.now(), fault: id, kind, who, over })
    if (over) this.links.release(fault)
    this.links.refresh()
    this.#tellOnline()
    this.discovery.wake()
  }

  #tellOnline(): void {
    for (const peer of [...this.directory.peers()]) {
      if (!peer.host.isDead) peer.tellOnline(this.discovery.answers(peer.host))
    }
  }
}
