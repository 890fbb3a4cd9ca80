import { EventEmitter } from 'node:events'
import type NoiseSecretStream from '@hyperswarm/secret-stream'
import Corestore from 'corestore'
import Protomux from 'protomux'

/**
 * A store that greets whoever it replicates with. Who greets back is met: the connection is one at both ends, and
 * carries both ways.
 */
export class GreetingStore extends Corestore {
  readonly greetings = new Greetings()

  override replicate(stream: NoiseSecretStream): unknown {
    this.greetings.greet(stream)
    return super.replicate(stream)
  }
}

export class Greetings extends EventEmitter<{ change: [] }> {
  /** The open streams to each, since for a moment there may be two. */
  readonly #met = new Map<string, number>()

  /** The public keys of those who are met now, in hex. */
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
    const key = Buffer.from(remotePublicKey!).toString('hex')
    const count = (this.#met.get(key) ?? 0) + change
    if (count > 0) this.#met.set(key, count)
    else this.#met.delete(key)
    this.emit('change')
  }
}
