import type { Hello } from '@basestore/extensions/internal'
import { LinkedPeer, type PeerLink } from './linked-peer.js'

/** The least and the most time for which the run that we know may answer, after a rival has (ms). */
const MIN_GRACE = 20
const MAX_GRACE = 1_000

interface ContestContext {
  /** The run that we know does not answer: the rival takes its place. */
  onwon(incumbent: LinkedPeer, rival: LinkedPeer): void
  /** Both runs answer: two programs use one key at the same time. */
  onboth(incumbent: LinkedPeer, rival: LinkedPeer): void
}

interface Rival {
  readonly peer: LinkedPeer
  /** Runs once the rival has answered: time for the incumbent to answer too. */
  grace: NodeJS.Timeout | null
}

/**
 * Another run of a peer's program says hello while the run that we know still has streams. Mostly the program was
 * killed and started again, and we have not noticed yet that the old streams are dead. But the hello can also be late,
 * sent before a run that we have met since; or two programs can have the same key.
 *
 * No clock can tell these apart, but an answer can: only what lives answers. The incumbent is asked, and the rival
 * answers our hello. A rival that has answered is not read from until the incumbent had its time to answer too:
 * messages that the remote sends at once then reach the peer that is added, not one that nobody knows.
 */
export class Contest {
  readonly #context: ContestContext
  readonly #incumbent: LinkedPeer
  /** By their runs. */
  readonly #rivals = new Map<string | null, Rival>()
  #asked = 0
  #answered = false

  constructor(context: ContestContext, incumbent: LinkedPeer) {
    this.#context = context
    this.#incumbent = incumbent
  }

  /** The link's remote says that it is another run. */
  challenge(link: PeerLink, hello: Hello): void {
    this.#incumbent.release(link)
    const rival = new LinkedPeer(link, this.#incumbent.life)
    rival.meet(hello)
    const known = this.#rivals.get(rival.run)
    if (known) known.peer.add(link)
    else this.#enter(rival, link)
  }

  /** A link of one of the runs has answered. */
  onanswer(link: PeerLink): void {
    if (link.peer === this.#incumbent) this.#onincumbent()
    else this.#onrival(link)
  }

  /** A rival has lost a link. */
  onlost(peer: LinkedPeer): void {
    if (peer.links.length === 0 && this.#rivals.get(peer.run)?.peer === peer) this.#end(peer)
  }

  /** The incumbent has no stream any more. Returns the rival that takes its place, the latest first. */
  heir(): LinkedPeer | undefined {
    const rivals = [...this.#rivals.values()]
    const heir = rivals.findLast(({ grace }) => grace) ?? rivals.at(-1)
    return heir?.peer
  }

  /** Ends the contest. Returns the rivals but the one that has won. */
  end(winner?: LinkedPeer): LinkedPeer[] {
    const rivals = [...this.#rivals.values()].map(({ peer }) => peer)
    for (const rival of rivals) this.#end(rival)
    return rivals.filter((rival) => rival !== winner)
  }

  #enter(rival: LinkedPeer, link: PeerLink): void {
    rival.add(link)
    this.#rivals.set(rival.run, { peer: rival, grace: null })
    this.#asked = performance.now()
    this.#answered = false
    for (const known of this.#incumbent.links) if (known.isUp) known.channel.tell('ask')
  }

  #onincumbent(): void {
    this.#answered = true
    for (const rival of [...this.#rivals.values()]) if (rival.grace) this.#both(rival.peer)
  }

  #onrival(link: PeerLink): void {
    const rival = this.#rivals.get(link.peer.run)
    if (!rival) return
    if (this.#answered) {
      this.#both(rival.peer)
      return
    }
    link.stream.pause()
    if (rival.grace) return
    const now = performance.now()
    // The rival's round trip stands for the incumbent's: both are the same computer, as far as we know.
    const grace = Math.min(Math.max(2 * (now - link.since), MIN_GRACE), MAX_GRACE)
    rival.grace = setTimeout(() => this.#win(rival.peer), Math.max(0, this.#asked + grace - now))
  }

  #both(rival: LinkedPeer): void {
    this.#end(rival)
    this.#context.onboth(this.#incumbent, rival)
  }

  #win(rival: LinkedPeer): void {
    this.#context.onwon(this.#incumbent, rival)
  }

  #end(rival: LinkedPeer): void {
    const { grace } = this.#rivals.get(rival.run) ?? {}
    this.#rivals.delete(rival.run)
    if (!grace) return
    clearTimeout(grace)
    for (const link of rival.links) link.stream.resume()
  }
}
