import type { Direction } from './direction.js'
import type { Flight } from './flight.js'
import type { Link } from './link.js'

/** A frame that is on its way. */
export interface InFlight {
  /** Names of the hosts. */
  readonly from: string
  readonly to: string
  /** The link's number, as in events. */
  readonly link: number
  /** In bytes. */
  readonly size: number
  /** When it was written (ms on the network's clock). */
  readonly sent: number
  /**
   * Delivers it now, whatever holds it, after the frames that were written before it on its link. Does nothing once
   * it has arrived or is lost.
   */
  deliver(): void
  /** Loses it. The Noise stream on the link notices at the next frame, and closes with an error. */
  drop(): void
}

/** All frames on their way on a link, in the order in which they were written, the dialler's first. */
export function flightsOf({ id, there, back }: Link): InFlight[] {
  return [there, back]
    .filter(({ from, to }) => !from.isDead && !to.isDead)
    .flatMap((direction) =>
      direction.flights.filter(({ frame }) => frame).map((flight) => handle(id, direction, flight))
    )
}

function handle(link: number, direction: Direction, flight: Flight): InFlight {
  return {
    from: direction.from.name,
    to: direction.to.name,
    link,
    size: flight.size,
    sent: flight.sent,
    deliver: () => direction.deliver(flight),
    drop: () => direction.drop(flight)
  }
}
