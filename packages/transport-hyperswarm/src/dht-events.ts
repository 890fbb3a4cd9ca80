import type { Dht, DhtEvent } from './swarm.js'

/** The functions that wait for one event of one DHT. */
class Listeners extends Set<() => void> {
  readonly run = (): void => {
    for (const run of this) run()
  }
}

const listenersOf = new WeakMap<Dht, Map<DhtEvent, Listeners>>()

/**
 * Calls a function at each event of a DHT. All transports on one DHT share one listener: Node warns of more than ten,
 * and the limit of an emitter that the user owns is not ours to raise.
 *
 * @returns takes the function back
 */
export function onDht(dht: Dht, event: DhtEvent, run: () => void): () => void {
  const events = listenersOf.get(dht) ?? new Map<DhtEvent, Listeners>()
  listenersOf.set(dht, events)
  const listeners = events.get(event) ?? new Listeners()
  listeners.add(run)
  if (!events.has(event)) {
    events.set(event, listeners)
    dht.on(event, listeners.run)
  }
  return () => {
    if (!listeners.delete(run) || listeners.size > 0) return
    events.delete(event)
    dht.removeListener(event, listeners.run)
  }
}
