import type { OnlineState } from './contract.js'
import type { TransportSlot } from './transport-slot.js'

/** From the worst to the best. */
const STATES: readonly OnlineState[] = ['offline', 'connecting', 'online']

interface OnlineContext {
  readonly slots: readonly TransportSlot[]
  /** False while nobody can reach us whatever a transport says: not started, suspended, closing. */
  open(): boolean
  onchange(state: OnlineState): void
}

/** Whether others can reach us: the best state of all transports. */
export class Online {
  readonly #context: OnlineContext
  #state: OnlineState = 'offline'

  constructor(context: OnlineContext) {
    this.#context = context
  }

  get state(): OnlineState {
    return this.#state
  }

  /** Looks again, after something that may have changed it, and tells a change. */
  update = (): void => {
    const { slots, open, onchange } = this.#context
    const ranks = open() ? slots.map(({ online }) => STATES.indexOf(online)) : []
    const state = STATES[Math.max(0, ...ranks)]!
    if (state === this.#state) return
    this.#state = state
    onchange(state)
  }
}
