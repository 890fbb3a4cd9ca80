import { once } from 'node:events'
import { BlockList } from 'node:net'
import { networkInterfaces } from 'node:os'
import multicastDns, { type MulticastDNS } from 'multicast-dns'

/** How long others may remember a record, in seconds: what RFC 6762 says for a service. */
const TTL = 120

/** What an SRV record tells: the port of a server, and the name of its host, which here is a peer's key. */
export type Place = { readonly port: number; readonly target: string }
type OnFound = (name: string, place: Place, address: string) => void

/** Multicast DNS: answers for the names that are announced, and asks for others. */
export class Mdns {
  readonly #announced = new Map<string, Place>()
  #sockets: MulticastDNS[] = []

  /** @param host the address whose network to use; 0.0.0.0 is every network */
  async open(port: number, host: string, onfound: OnFound): Promise<void> {
    const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
    const lan = all.filter(({ family, internal }) => family === 'IPv4' && !internal)
    const ours = host === '0.0.0.0' ? lan : all.filter(({ address }) => address === host)
    const heard = new Map<string, NodeJS.Immediate>()
    const link = new BlockList()
    for (const { address, cidr } of ours) link.addSubnet(address, Number(cidr?.split('/')[1]))
    // A socket for each network, since a packet leaves by one only.
    this.#sockets = ours.map(({ address }) => multicastDns({ port, interface: address, bind: '0.0.0.0' }))
    for (const socket of this.#sockets) {
      socket.on('error', () => {}) // once() below tells of it
      socket.on('query', ({ questions = [] }) => {
        for (const { name } of questions) this.#tell(name, TTL)
      })
      socket.on('response', ({ answers = [] }, { address }) => {
        for (const answer of link.check(address) ? answers : []) {
          if (answer.type !== 'SRV') continue
          const { name, data, ttl } = answer
          const id = `${name} ${data.target}`
          clearImmediate(heard.get(id)) // a goodbye may follow at once
          heard.delete(id)
          const tell = () => heard.delete(id) && onfound(name, data, address)
          if (ttl) heard.set(id, setImmediate(tell))
        }
      })
    }
    await Promise.all(this.#sockets.map((socket) => once(socket, 'ready')))
  }

  ask(name: string): void {
    for (const socket of this.#sockets) socket.query(name, 'SRV')
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
    await this.#each((socket, done) => socket.destroy(done))
    this.#sockets = []
  }

  async #tell(name: string, ttl: number): Promise<void> {
    const data = this.#announced.get(name)
    const answers = data ? [{ name, type: 'SRV' as const, ttl, data }] : []
    if (data) await this.#each((socket, done) => socket.respond(answers, () => done()))
  }

  async #each(act: (socket: MulticastDNS, done: () => void) => void): Promise<void> {
    await Promise.all(this.#sockets.map((socket) => new Promise<void>((done) => act(socket, done))))
  }
}
