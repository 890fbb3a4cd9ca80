import { once } from 'node:events'
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
    const heard = new Set<string>()
    // A socket for each network, since a packet leaves by one only.
    this.#sockets = ours.map(({ address }) => multicastDns({ port, interface: address, bind: '0.0.0.0' }))
    for (const socket of this.#sockets) {
      socket.on('error', () => {}) // once() below tells of it
      socket.on('query', ({ questions = [] }) => {
        for (const { name } of questions) this.#tell(name, TTL)
      })
      socket.on('response', ({ answers = [] }, { address }) => {
        for (const { name, data, ttl } of answers.filter((answer) => answer.type === 'SRV')) {
          const id = `${name} ${data.target}`
          if (ttl) heard.add(id)
          else heard.delete(id) // said goodbye at once
          setImmediate(() => heard.delete(id) && onfound(name, data, address))
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
    await Promise.all(this.#sockets.map((socket) => new Promise<void>((closed) => socket.destroy(closed))))
  }

  async #tell(name: string, ttl: number): Promise<void> {
    const data = this.#announced.get(name)
    if (!data) return
    const answer = { name, type: 'SRV' as const, ttl, data }
    await Promise.all(this.#sockets.map((socket) => new Promise((sent) => socket.respond([answer], sent))))
  }
}
