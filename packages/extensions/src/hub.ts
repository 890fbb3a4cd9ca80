import { check } from './errors.js'
import { Link } from './link.js'
import type { ChannelHooks, MuxStream } from './mux-stream.js'
import { PeerLinks, peerGone } from './peer-links.js'
import type { Registration } from './registration.js'
import { MAX_NAMES } from './wire.js'

/** A name that is registered here, by one or by several. */
export interface LocalName<P extends object> {
  /** Its number on every channel, so that one frame serves all peers. */
  readonly id: number
  readonly name: string
  /** Oldest first: that one gets the messages. */
  readonly registrations: Registration<P>[]
}

/** Knows the names and the peers, and brings what comes from one side to the other. */
export class Hub<P extends object> {
  readonly maxMessageSize: number
  readonly maxBacklog: number
  readonly #onfault: (error: unknown) => unknown
  readonly #names = new Map<string, LocalName<P>>()
  readonly #peers = new Map<P, PeerLinks<P>>()
  readonly #links = new Map<MuxStream, Link<P>>()
  #nextId = 0

  constructor(maxMessageSize: number, maxBacklog: number, onfault: (error: unknown) => unknown) {
    this.maxMessageSize = maxMessageSize
    this.maxBacklog = maxBacklog
    this.#onfault = onfault
  }

  get names(): Iterable<LocalName<P>> {
    return this.#names.values()
  }

  get peers(): Iterable<PeerLinks<P>> {
    return this.#peers.values()
  }

  link(stream: MuxStream): Link<P> | undefined {
    return this.#links.get(stream)
  }

  /** @throws NetworkerError `PEER_GONE` */
  peer(peer: P): PeerLinks<P> {
    const links = this.#peers.get(peer)
    if (!links) throw peerGone()
    return links
  }

  attach(stream: MuxStream, peer: P, hooks: ChannelHooks): Link<P> {
    check(!this.#links.has(stream), 'the stream is attached already; call its detach first')
    const link = new Link(this, stream, peer, hooks)
    const links = this.#peers.get(peer) ?? new PeerLinks(peer)
    links.links.push(link)
    this.#peers.set(peer, links)
    this.#links.set(stream, link)
    link.open()
    return link
  }

  unlink(link: Link<P>): void {
    this.#links.delete(link.stream)
    const links = this.#peers.get(link.peer)
    if (links?.links.length === 1) this.#peers.delete(link.peer)
    links?.remove(link)
  }

  prefer(peer: P, stream: MuxStream): void {
    const link = this.#links.get(stream)
    if (link?.peer === peer) this.#peers.get(peer)?.prefer(link)
  }

  settle(peer: P): void {
    this.#peers.get(peer)?.settle()
  }

  /** @returns the number of the name */
  register(registration: Registration<P>): number {
    const { name } = registration
    const local = this.#names.get(name) ?? this.#addName(name)
    local.registrations.push(registration)
    for (const links of this.#peers.values()) if (links.has(name)) registration.opened(links.peer, 'later')
    return local.id
  }

  unregister(registration: Registration<P>): void {
    const local = this.#names.get(registration.name)
    const index = local?.registrations.indexOf(registration) ?? -1
    if (!local || index === -1) return
    local.registrations.splice(index, 1)
    if (local.registrations.length > 0) return
    this.#names.delete(local.name)
    for (const link of this.#links.values()) link.retract(local.id)
  }

  /** The peer has announced the name on one of its streams. */
  nameOpened(name: string, peer: P): void {
    for (const registration of this.#registered(name)) registration.opened(peer)
  }

  /** The peer has the name on one of its streams no more. */
  nameClosed(name: string, peer: P): void {
    if (this.#peers.get(peer)?.has(name)) return
    for (const registration of this.#registered(name)) registration.closed(peer)
  }

  deliver(name: string, payload: Uint8Array, peer: P): void {
    this.#names.get(name)?.registrations[0]?.received(payload, peer)
  }

  destroy(): void {
    for (const { registrations } of this.#names.values()) for (const one of [...registrations]) one.destroy()
    for (const link of this.#links.values()) link.detach()
  }

  /** Where errors go that nobody else takes. Never throws: callers stand where a throw would end the process. */
  fault(error: unknown): void {
    this.guard(() => this.#onfault(error), noop)
  }

  /** Calls what a user gave us; what it throws, or rejects with, is reported. */
  guard(call: () => unknown, report: (error: unknown) => void = (error) => this.fault(error)): void {
    try {
      watch(call(), report)
    } catch (error) {
      report(error)
    }
  }

  // A copy, since a handler may destroy what is being walked over.
  #registered(name: string): Registration<P>[] {
    return this.#names.get(name)?.registrations.slice() ?? []
  }

  #addName(name: string): LocalName<P> {
    check(this.#names.size < MAX_NAMES, `at most ${MAX_NAMES} names; destroy an extension, or share a name`)
    const local = { id: this.#nextId++, name, registrations: [] }
    this.#names.set(name, local)
    for (const link of this.#links.values()) link.announce(local.id, name)
    return local
  }
}

/** Handlers may be async: their rejections would end the process. */
export function watch(result: unknown, report: (error: unknown) => void): void {
  const thenable = result as PromiseLike<unknown> | null | undefined
  if (typeof thenable?.then === 'function') Promise.resolve(thenable).then(noop, report)
}

function noop(): void {}
