import { once } from 'node:events'
import { BlockList } from 'node:net'
import { networkInterfaces } from 'node:os'
import multicastDns, { type MulticastDNS } from 'multicast-dns'

/** How long others may remember a record, in seconds: what RFC 6762 says for a service. */
const TTL = 120

/** What an SRV record tells: the port of a server, and the name of its host, which here is a peer's key. */
export type Place = { readonly port: number; readonly target: string }

/** Multicast DNS: answers for the names that are announced, and asks for others. */
export class Mdns {
  readonly #announced = new Map<string, Place>()
  /** A socket for each of our addresses, since a packet leaves by one network only. */
  #nets: { readonly own: string; readonly net: MulticastDNS }[] = []

  /** For now and then, since networks come up late. @param host whose network to use; 0.0.0.0 is every network */
  async open(port: number, host: string, onfound: (name: string, place: Place, address: string) => void) {
    const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
    for (const { address: own, cidr, family, internal } of all) {
      const isOurs = host === '0.0.0.0' ? family === 'IPv4' && !internal : host === own
      if (!isOurs || this.#nets.some((one) => one.own === own)) continue
      const [near, heard] = [new BlockList(), new Set<string>()]
      near.addSubnet(own, Number(cidr?.split('/')[1]))
      const net = multicastDns({ port, interface: own, bind: '0.0.0.0' })
      this.#nets.push({ own, net })
      net.on('error', () => {}) // once() below tells of it
      net.on('query', ({ questions = [] }) => questions.map(({ name }) => this.#tell(name, TTL)))
      net.on('response', ({ answers = [] }, { address }) => {
        for (const { name, data, ttl } of answers.filter((answer) => answer.type === 'SRV')) {
          const id = `${name} ${data.target}`
          ttl ? heard.add(id) : heard.delete(id) // a goodbye may follow at once
          setImmediate(() => heard.delete(id) && near.check(address) && onfound(name, data, address))
        }
      })
      await once(net, 'ready')
    }
  }

  ask(name: string): void {
    for (const { net } of this.#nets) net.query(name, 'SRV')
  }

  /** Null is to say goodbye, by an answer that has no time to live. Resolves when it is sent. */
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
