import { NetworkerError } from '@basestore/networker'

/** Something is asked of a peer that crashed or left. A condition that does so is not known to hold yet. */
export class PeerDown extends NetworkerError {
  constructor(detail: string) {
    super('INVALID_OPTION', detail)
  }
}
