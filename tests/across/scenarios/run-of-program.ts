import { createHash } from 'node:crypto'
import {
  type Extension,
  isNetworkerError,
  type KeyPair,
  Networker,
  type NoiseStream,
  type Peer,
  type Protocol
} from '@basestore/networker'
import type { Transport } from '@basestore/networker/transport'

/** A greeting names the run that sends it, and which of its sessions with the receiver's run it is, counted from 1. */
interface Greeting {
  readonly run: string
  readonly session: number
}

/** The time between a `peer-add` and its `peer-remove`: the life of one `Peer`. */
export interface Session {
  readonly peer: Peer
  /** When it began (virtual ms). */
  readonly since: number
  readonly remote: string
  readonly number: number
  readonly greetings: Greeting[]
  /** What was said over the protocol of the app's own. */
  readonly said: string[]
  isLive: boolean
  /** How often the extension was opened. Above 1, all streams broke and another transport took over: what was in flight is lost. */
  openings: number
  /** Whether the extension, and the protocol, are open. */
  readonly open: { greet: boolean; own: boolean }
}

export interface RunOptions {
  readonly name: string
  /** Counted from 1 for each program. */
  readonly number: number
  readonly keyPair: KeyPair
  readonly transports: readonly Transport[]
  refuses(remotePublicKey: Uint8Array): boolean | Promise<boolean>
  /** Whether a run, given by its id, has admitted a stream of this handshake. */
  admits(run: string, handshake: string): boolean
  /** Whether a fault with this code is none of the networker's. */
  expects(code: string): boolean
  now(): number
  fail(what: string): void
}

/** What each says to the other when the protocol opens. */
export const HELLO = 'hello'

const STORE = { replicate: () => {}, closing: null }

/** One run of a program: a networker that greets each peer once, and an oracle that checks what it is told. */
export class RunOfProgram {
  readonly id: string
  readonly networker: Networker
  readonly sessions: Session[] = []
  /** The handshakes of all streams that it has admitted, in hex. */
  readonly admitted = new Set<string>()
  /** When peers came and went (virtual ms). */
  readonly changes: number[] = []
  /** What the app was told, for a failure's text. */
  readonly log: string[] = []
  readonly #options: RunOptions
  readonly #greet: Extension<Peer, Greeting>
  readonly #own: Protocol<Peer, readonly ['utf8']>
  #isDead = false

  constructor(options: RunOptions) {
    const { name, number, keyPair, transports, refuses } = options
    this.#options = options
    const id = createHash('sha256').update(`${name}/${number}`).digest()
    this.id = id.toString('hex')
    this.networker = new Networker(STORE, { id, keyPair, transports: [...transports], firewall: refuses })
    this.networker.on('peer-add', (peer) => this.#onadd(peer))
    this.networker.on('peer-remove', (peer) => this.#onremove(peer))
    this.networker.on('peer-stream', (peer) => this.#tell(`peer-stream ${this.#nameOf(peer)}`))
    this.networker.on('stream', (stream) => this.admitted.add(handshakeOf(stream)))
    this.networker.on('fault', (error) => {
      const isExpected = isNetworkerError(error) && options.expects(error.code)
      if (!this.#isDead && !isExpected) this.#fail(`a fault: ${error instanceof Error ? error.stack : error}`)
    })
    this.#greet = this.networker.registerExtension('greet', {
      encoding: 'json',
      onopen: (peer) => this.#onopen(peer, 'greet', true),
      onclose: (peer) => this.#onopen(peer, 'greet', false),
      onmessage: (greeting, peer) => this.#ongreeting(greeting as Greeting, peer)
    }) as Extension<Peer, Greeting>
    this.#own = this.networker.protocol({
      name: 'own',
      messages: [{ encoding: 'utf8', onmessage: (text, peer) => void this.#session(peer)?.said.push(text) }],
      onopen: (peer) => {
        this.#onopen(peer, 'own', true)
        if (!this.#isDead) this.#own.send(0, HELLO, peer)
      },
      onclose: (peer) => this.#onopen(peer, 'own', false)
    })
  }

  get name(): string {
    return `${this.#options.name}#${this.#options.number}`
  }

  /** The session with a remote's run that lasts. */
  with(remote: RunOfProgram): Session | undefined {
    return this.sessions.find((session) => session.isLive && session.remote === remote.id)
  }

  say(text: string, { peer }: Session): void {
    this.#own.send(0, text, peer)
  }

  /** From now on nothing that happens to it counts: it is dead, and only taken down. */
  async die(): Promise<void> {
    this.#isDead = true
    for (const stream of this.networker.streams) stream.destroy()
    await this.networker.close()
  }

  async quit(): Promise<void> {
    await this.networker.close()
    if (this.networker.peers.size + this.networker.streams.size > 0)
      this.#fail('peers are left after close()')
    for (const session of this.sessions) if (session.isLive) this.#fail('a session is left after close()')
    this.#isDead = true
  }

  #onadd(peer: Peer): void {
    if (this.#isDead) return
    if (!peer.remoteId) {
      this.#fail('a peer has no run')
      return
    }
    const remote = peer.remoteId.toString('hex')
    if (this.#liveWith(peer.remotePublicKey))
      this.#fail(`peer-add twice without peer-remove for ${this.#nameOf(peer)}`)
    if (!this.#options.admits(remote, handshakeOf(peer.stream)))
      this.#fail(`peer-add of ${this.#nameOf(peer)}, which has not admitted us`)
    const number = this.sessions.filter((session) => session.remote === remote).length + 1
    const open = { greet: false, own: false }
    const session: Session = {
      since: this.#options.now(),
      peer,
      remote,
      number,
      greetings: [],
      said: [],
      isLive: true,
      openings: 0,
      open
    }
    this.sessions.push(session)
    this.#tell(`peer-add ${this.#nameOf(peer)} (session ${number})`)
    this.changes.push(this.#options.now())
    this.#greet.send({ run: this.id, session: number }, peer)
  }

  #onremove(peer: Peer): void {
    if (this.#isDead) return
    this.changes.push(this.#options.now())
    this.#tell(`peer-remove ${this.#nameOf(peer)}`)
    const session = this.#session(peer)
    if (!session?.isLive) {
      this.#fail('peer-remove without peer-add')
      return
    }
    session.isLive = false
    const { greet, own } = session.open
    if (greet || own) this.#fail(`peer-remove before onclose of ${greet ? 'the extension' : 'the protocol'}`)
  }

  #onopen(peer: Peer, what: 'greet' | 'own', open: boolean): void {
    if (this.#isDead) return
    this.#tell(`${what} ${open ? 'onopen' : 'onclose'} ${this.#nameOf(peer)}`)
    const session = this.#session(peer)
    if (!session?.isLive) this.#fail(`${what}: ${open ? 'onopen' : 'onclose'} for no peer`)
    else if (session.open[what] === open) this.#fail(`${what}: ${open ? 'onopen' : 'onclose'} twice`)
    else session.open[what] = open
    if (session && open && what === 'greet') session.openings++
  }

  #ongreeting(greeting: Greeting, peer: Peer): void {
    if (this.#isDead) return
    const session = this.#session(peer)
    this.#tell(`greeting ${greeting.session} of ${this.#nameOf(peer)}`)
    if (!session) {
      this.#fail('a greeting of no peer')
      return
    }
    session.greetings.push(greeting)
    if (session.greetings.length > 1) this.#fail('greeted twice in one session')
    if (greeting.run !== session.remote) this.#fail("greeted by another run than the session's")
    const again = this.sessions.some(
      (other) =>
        other !== session &&
        other.greetings.some(
          ({ run, session: number }) => run === greeting.run && number === greeting.session
        )
    )
    if (again) this.#fail('one session of the remote greeted two of ours')
  }

  #session(peer: Peer): Session | undefined {
    return this.sessions.findLast((session) => session.peer === peer)
  }

  #liveWith(remotePublicKey: Uint8Array): Session | undefined {
    return this.sessions.find(
      ({ isLive, peer }) => isLive && Buffer.compare(peer.remotePublicKey, remotePublicKey) === 0
    )
  }

  #nameOf({ remotePublicKey, remoteId }: Peer): string {
    return `${Buffer.from(remotePublicKey).toString('hex', 0, 2)}/${remoteId?.toString('hex', 0, 2)}`
  }

  #tell(what: string): void {
    this.log.push(`${this.#options.now()} ${what}`)
  }

  #fail(what: string): void {
    this.#options.fail(`${this.name}: ${what}\n  ${this.log.slice(-12).join('\n  ')}`)
  }
}

function handshakeOf({ handshakeHash }: NoiseStream): string {
  return Buffer.from(handshakeHash).toString('hex')
}
