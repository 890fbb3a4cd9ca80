import { invalidOption } from './check.js'
import { checkSelector, type Selector } from './faults/selector.js'
import { checkHostOptions, Host, type HostOptions } from './host.js'

/** The hosts of a network, by name. When a host was killed and made anew, only the new one is here. */
export class Hosts {
  readonly #prefix: string
  readonly #all = new Map<string, Host>()
  #named = 0

  /** @param prefix the beginning of the names that we give */
  constructor(prefix: string) {
    this.#prefix = prefix
  }

  /** @throws NetworkerError `INVALID_OPTION`, also when a host of that name runs */
  add(options: HostOptions): Host {
    checkHostOptions(options)
    const name = options.name ?? this.#freeName()
    if (this.#all.get(name)?.isDead === false) {
      throw invalidOption(`there is a host called ${name} already; give this one another name`)
    }
    const host = new Host(name, options)
    this.#all.set(name, host)
    return host
  }

  /** The hosts that were not killed. */
  get running(): Host[] {
    return [...this.#all.values()].filter(({ isDead }) => !isDead)
  }

  /** @throws NetworkerError `INVALID_OPTION` for a name that no host has, and for a host that is not one of these */
  assertKnown(...selectors: readonly Selector[]): void {
    for (const selector of selectors) checkSelector(selector, this.#all)
  }

  #freeName(): string {
    let name: string
    do name = `${this.#prefix}-${++this.#named}`
    while (this.#all.has(name))
    return name
  }
}
