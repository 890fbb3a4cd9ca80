import { OUR_REFUSALS, OUTCOMES, type OurRefusal, type Outcome } from './outcome.js'

/** The most codes that are counted apart. Ours are fewer; a transport of others may have any. */
const MAX_CODES = 32

/** What a networker counts, from its beginning on. */
export class Counters {
  /** Connections, by who dialled. */
  readonly opened = { in: 0, out: 0 }
  readonly closed = { in: 0, out: 0 }
  /** Connections that we refused. */
  readonly refused: Record<OurRefusal, number> = zeros(OUR_REFUSALS)
  /** Dials of ours that brought a peer. */
  dialled = 0
  /** Dials of ours that did not. */
  readonly dials: Record<Outcome, number> = zeros(OUTCOMES)
  redials = 0
  announces = 0
  lookups = 0
  flushes = 0
  /** By the codes of their errors. */
  readonly faults = new Map<string, number>()
  /** Of closed connections. */
  bytesRead = 0
  bytesWritten = 0

  fault(code: string): void {
    const label = this.faults.has(code) || this.faults.size < MAX_CODES ? code : 'other'
    this.faults.set(label, (this.faults.get(label) ?? 0) + 1)
  }
}

function zeros<K extends string>(names: readonly K[]): Record<K, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<K, number>
}
