import { once } from 'node:events'
import { BlockList } from 'node:net'
import { networkInterfaces } from 'node:os'
import multicastDns, { type MulticastDNS } from 'multicast-dns'

/** How long others may remember a record (s): the value of RFC 6762 for a service. */
const TTL = 120

/** The content of an SRV record: a server's port, and its computer's name. The name here is a peer's key. */
export type Place = { readonly port: number; readonly target: string }

/** Multicast DNS: answers questions for the names that we announce, and asks for other names. */
export class Mdns {
  readonly #announced = new Map<string, Place>()
  /** One socket for each of our addresses: a socket sends on one network only. */
  #nets: { readonly own: string; readonly net: MulticastDNS }[] = []

  /** Call it now and then: networks come up late. @param host our address on the network; 0.0.0.0 is all */
  async open(port: number, host: string, onfound: (name: string, place: Place, address: string) => void) {
    const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
    for (const { address: own, cidr, family, internal } of all) {
      const isOurs = host === '0.0.0.0' ? family === 'IPv4' && !internal : host === own
      if (!isOurs || this.#nets.some((one) => one.own === own)) continue
      const [near, heard] = [new BlockList(), new Set<string>()]
      near.addSubnet(own, Number(cidr?.split('/')[1]))
      const net = multicastDns({ port, interface: own, bind: '0.0.0.0' })
      this.#nets.push({ own, net })
      net.on('error', () => {}) // once() below reports it
      net.on('query', ({ questions = [] }) => questions.map(({ name }) => this.#tell(name, TTL)))
      net.on('response', ({ answers = [] }, { address }) => {
        for (const { name, data, ttl } of answers.filter((answer) => answer.type === 'SRV')) {
          const id = `${name} ${data.target}`
          ttl ? heard.add(id) : heard.delete(id) // a goodbye may follow in the same tick
          setImmediate(() => heard.delete(id) && near.check(address) && onfound(name, data, address))
        }
      })
      await once(net, 'ready')
    }
  }

  ask(name: string): void {
    for (const { net } of this.#nets) net.query(name, 'SRV')
  }

  /** Null says goodbye: an answer whose time to live is 0. Resolves when the packets are sent. */
  async announce(name: string, place: Place | null): Promise<void> {
    if (place) this.#announced.set(name, place)
    const told = this.#tell(name, place ? TTL : 0)
    if (!place) this.#announced.delete(name)
    await told
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#announced.keys(), (name) => this.announce(name, null)))
    await Promise.all(this.#nets.map(({ net }) => new Promise<void>((closed) => net.destroy(closed))))
    this.#nets = []
  }

  async #tell(name: string, ttl: number): Promise<void> {
    const data = this.#announced.get(name)
    if (!data) return
    const answer = { name, type: 'SRV' as const, ttl, data }
    await Promise.all(this.#nets.map(({ net }) => new Promise((sent) => net.respond([answer], sent))))
  }
}
