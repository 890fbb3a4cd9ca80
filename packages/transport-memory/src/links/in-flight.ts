import type { Direction } from './direction.js'
import type { Flight } from './flight.js'
import type { Link } from './link.js'

/** A frame that is on its way. */
export interface InFlight {
  /** Names of the hosts. */
  readonly from: string
  readonly to: string
  readonly link: number
  /** Bytes. */
  readonly size: number
  /** When it was written, in milliseconds on the network's clock. */
  readonly sent: number
  /**
   * Delivers it now, whatever holds it, and before it what was written before it on its link. Once it has arrived,
   * or is lost, this does nothing.
   */
  deliver(): void
  /** It never arrives. The stream above notices with the next frame, and breaks. */
  drop(): void
}

/** What is on its way on a link, in the order in which it was written, first from the dialler. */
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
