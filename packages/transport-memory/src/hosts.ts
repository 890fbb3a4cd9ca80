import { NetworkerError } from '@basestore/networker/transport'
import { checkSelector, type Selector } from './faults/selector.js'
import { Host, type HostOptions } from './host.js'

/** The computers of a network, by name; of those with one name, the latest. */
export class Hosts {
  readonly #prefix: string
  readonly #all = new Map<string, Host>()
  #named = 0

  /** @param prefix how the names of those begin that are given none */
  constructor(prefix: string) {
    this.#prefix = prefix
  }

  /** @throws NetworkerError `INVALID_OPTION`, also when one of that name runs */
  add(options: HostOptions): Host {
    const name = options.name ?? this.#freeName()
    if (this.#all.get(name)?.isDead === false) {
      throw new NetworkerError(
        'INVALID_OPTION',
        `there is a host called ${name} already; give this one another name`
      )
    }
    const host = new Host(name, options)
    this.#all.set(name, host)
    return host
  }

  /** Those that were not killed. */
  get running(): Host[] {
    return [...this.#all.values()].filter(({ isDead }) => !isDead)
  }

  /** @throws NetworkerError `INVALID_OPTION` for a name that nobody has, and a host that is not one of these */
  check(...selectors: readonly Selector[]): void {
    for (const selector of selectors) checkSelector(selector, this.#all)
  }

  #freeName(): string {
    let name: string
    do name = `${this.#prefix}-${++this.#named}`
    while (this.#all.has(name))
    return name
  }
}
