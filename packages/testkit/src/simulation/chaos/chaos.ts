import { sleep, sleepUntil } from '../clock-waits.js'
import { Ending } from '../ending.js'
import type { PeerContext } from '../peer-context.js'
import type { ActionContext } from './action.js'
import { actionOf } from './actions.js'
import type { ChaosPlanFault } from './plan.js'

/** The part of the run that chaos needs. */
export interface ChaosContext
  extends Pick<ActionContext, 'network' | 'storage' | 'peers'>,
    Pick<PeerContext, 'clock' | 'note'> {
  /** Does work at once. The events that the work causes get this number in the trace. */
  because<T>(fault: number, work: () => T): T
}

/** Carries out a plan of faults, and ends each of them. */
export class Chaos {
  readonly #context: ChaosContext
  readonly #ending = new Ending()

  /** @param signal ends all faults early, and lets peers stay down */
  constructor(context: ChaosContext, signal: AbortSignal) {
    this.#context = context
    signal.addEventListener('abort', this.#ending.end, { once: true })
  }

  /**
   * Resolves when the last fault is over and its peers are up again, but not before the end.
   *
   * @param end virtual milliseconds
   * @throws what a peer's program throws when the peer starts again
   */
  async run(faults: readonly ChaosPlanFault[], end: number): Promise<void> {
    const all = faults.map((fault) => this.#at(fault))
    await Promise.all([...all, this.#until(end)])
  }

  async #at(fault: ChaosPlanFault): Promise<void> {
    await this.#until(fault.time)
    if (this.#ending.aborted) return
    const { id, kind, who, duration } = fault
    const action = actionOf(kind)
    const context = this.#contextOf(id)
    const obstacle = action.obstacle?.(fault, context)
    const text = `chaos ${id}: ${kind}: ${who.join(', ') || 'all'}, ${duration} ms`
    context.because(() => this.#context.note(obstacle ? `${text}: not now, ${obstacle}` : text))
    if (obstacle) return
    const end = await action.begin(fault, context)
    if (!end) return
    if (!action.isGradual) await context.sleep(duration)
    await end()
  }

  #contextOf(id: number): ActionContext {
    const { network, storage, peers, clock, because } = this.#context
    return {
      network,
      storage,
      peers,
      because: (work) => because(id, work),
      sleep: (ms) => sleep(clock, ms, this.#ending),
      isEnding: () => this.#ending.aborted
    }
  }

  #until(time: number): Promise<void> {
    return sleepUntil(this.#context.clock, time, this.#ending)
  }
}
