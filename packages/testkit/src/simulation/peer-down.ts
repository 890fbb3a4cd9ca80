import { NetworkerError } from '@basestore/networker'

/** Thrown for a peer that crashed or left. A condition that throws it counts as "does not hold yet". */
export class PeerDown extends NetworkerError {
  constructor(detail: string) {
    super('INVALID_OPTION', detail)
  }
}
