import { toId } from '../bytes.js'
import { Host } from '../host.js'
import type { Target } from '../links/connections.js'
import type { Random } from '../random.js'

/** A record whose key belongs to no peer. */
export class Fake implements Target {
  readonly publicKey: Uint8Array
  readonly id: string
  readonly address = 'nobody:0'
  readonly host = new Host('nobody')

  constructor(random: Random) {
    this.publicKey = Uint8Array.from({ length: 32 }, () => random.below(256))
    this.id = toId(this.publicKey)
    this.host.diedAt = 0
  }

  accept(): void {}
}
