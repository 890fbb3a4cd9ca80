import type { EventEmitter } from 'node:events'
import type { NetworkerEvents } from './events.js'
import { writeUnheardFault } from './unheard-fault.js'

/** Emits an event of the networker. It does not throw. */
export type Tell = <E extends keyof NetworkerEvents>(event: E, ...args: NetworkerEvents[E]) => void

/** Emits the events of a networker. */
export class Teller {
  /** Whether the next fault that no listener hears is written to stderr: only the first one is. */
  warns = false
  readonly #emitter: EventEmitter<NetworkerEvents>

  constructor(emitter: EventEmitter<NetworkerEvents>) {
    this.#emitter = emitter
  }

  /** A listener that throws must not unwind a transport or Protomux: its error is thrown in a tick of its own. */
  readonly tell: Tell = (event, ...args) => {
    const emitter = this.#emitter
    if (event === 'fault' && this.warns && emitter.listenerCount('fault') === 0) {
      this.warns = false
      writeUnheardFault(args[0])
    }
    try {
      ;(emitter.emit as (event: string, ...args: unknown[]) => boolean).call(emitter, event, ...args)
    } catch (error) {
      process.nextTick(() => {
        throw error
      })
    }
  }
}
