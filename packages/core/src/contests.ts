import { encodeRefusal, type Hello } from '@basestore/extensions/internal'
import { endLink } from './choice.js'
import { Contest } from './contest.js'
import type { LinkedPeer, PeerLink } from './linked-peer.js'

interface ContestsContext {
  get(remotePublicKey: Uint8Array): LinkedPeer | undefined
  /** Another run takes the place of a peer that does not answer. */
  onwon(incumbent: LinkedPeer, rival: LinkedPeer): void
  /** Two programs that live use the key of this peer. */
  onduplicate(peer: LinkedPeer): void
}

/** The contests under way. There is one for each peer under whose key another run says hello. */
export class Contests {
  readonly #context: ContestsContext
  readonly #contests = new Map<LinkedPeer, Contest>()

  constructor(context: ContestsContext) {
    this.#context = context
  }

  /** The contest in which the link's peer has a part. */
  of({ peer }: PeerLink): Contest | undefined {
    const incumbent = this.#context.get(peer.remotePublicKey)
    return incumbent && this.#contests.get(incumbent)
  }

  /** The link's remote says that it is another run than the link's peer. */
  challenge(link: PeerLink, hello: Hello): void {
    const { peer } = link
    if (peer.isDuplicated) {
      refuse(link)
      return
    }
    const { onwon } = this.#context
    const contest = this.#contests.get(peer) ?? new Contest({ onwon, onboth: this.#onboth }, peer)
    this.#contests.set(peer, contest)
    contest.challenge(link, hello)
  }

  heirOf(peer: LinkedPeer): LinkedPeer | undefined {
    return this.#contests.get(peer)?.heir()
  }

  /** Ends the contest for the place of a peer, and the links of all who have not won. */
  end(peer: LinkedPeer, winner?: LinkedPeer): void {
    const losers = this.#contests.get(peer)?.end(winner) ?? []
    this.#contests.delete(peer)
    for (const link of losers.flatMap(({ links }) => links)) endLink(link)
  }

  #onboth = (peer: LinkedPeer, rival: LinkedPeer): void => {
    for (const link of rival.links) refuse(link)
    for (const link of peer.links) if (link.isUp) link.channel.tell('other')
    this.#context.onduplicate(peer)
  }
}

/** Refuses a link of the program that is not our peer, since another one with its key is. */
function refuse(link: PeerLink): void {
  link.channel.answer(encodeRefusal('duplicate'))
  link.channel.bye('duplicate')
  endLink(link)
}
