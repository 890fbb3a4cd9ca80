import { EventEmitter } from 'node:events'
import type NoiseSecretStream from '@hyperswarm/secret-stream'
import Corestore from 'corestore'
import Protomux from 'protomux'
import { hex } from '../../harness/hex.js'

/**
 * A store that opens a Protomux channel on each stream that it replicates on. A peer that has opened it, too, is met:
 * both ends then hold the same connection, and it carries data both ways.
 */
export class GreetingStore extends Corestore {
  readonly greetings = new Greetings()

  override replicate(stream: NoiseSecretStream): unknown {
    this.greetings.greet(stream)
    return super.replicate(stream)
  }
}

export class Greetings extends EventEmitter<{ change: [] }> {
  /** How many open streams each peer has, by its public key: for a moment there may be two. */
  readonly #met = new Map<string, number>()

  /** The public keys of the peers that are met now, in hex. */
  get met(): string[] {
    return [...this.#met.keys()]
  }

  greet(stream: NoiseSecretStream): void {
    const onopen = () => this.#count(stream, 1)
    const onclose = () => {
      if (channel?.opened) this.#count(stream, -1)
    }
    const channel = Protomux.from(stream).createChannel({ protocol: 'bench/greeting', onopen, onclose })
    channel?.open()
  }

  #count({ remotePublicKey }: NoiseSecretStream, change: number): void {
    const key = hex(remotePublicKey!)
    const count = (this.#met.get(key) ?? 0) + change
    if (count > 0) this.#met.set(key, count)
    else this.#met.delete(key)
    this.emit('change')
  }
}
