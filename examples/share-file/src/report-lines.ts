import prettyBytes from 'pretty-bytes'
import type { Happening, Output, Report } from './events.js'
import { duration, Rate } from './rate.js'

/** Progress gets a line each time so much more is done. */
const STEP_PERCENT = 10

/** The line for an event that is not progress, null for the others. */
export function sentence(happening: Happening): string | null {
  switch (happening.event) {
    case 'imported':
      return `${happening.name}, ${size(happening.size)}${happening.again ? ', unchanged since it was last shared' : ''}`
    case 'sharing':
      return `key    ${happening.key}\ncopy   ${happening.store}\nServing until stopped with Ctrl+C.`
    case 'looking':
      return `Looking for ${happening.key}`
    case 'peer':
      return `Connected to ${happening.address ?? 'a peer'}`
    case 'found':
      return `Found ${happening.name}, ${size(happening.size)}`
    case 'resuming':
      return `Resuming at ${percent(happening.bytes, happening.size)} %`
    case 'verified':
      return `Verified, sha256 ${happening.sha256}`
    case 'saved':
      return `Saved ${happening.target}, ${size(happening.size)}`
    default:
      return null
  }
}

/** For logs and pipes: few plain lines, no bar. */
export class LineReport implements Report {
  readonly #output: Output
  readonly #begun = performance.now()
  #rate = new Rate()
  #told = -1
  #serving = ''

  constructor(output: Output) {
    this.#output = output
  }

  tell(happening: Happening): void {
    const line = sentence(happening) ?? this.#progress(happening)
    if (line) this.#output.write(`${line}\n`)
    if (happening.event === 'saved') this.#output.write(`Took ${duration(performance.now() - this.#begun)}\n`)
  }

  end(): void {}

  #progress(happening: Happening): string | null {
    if (happening.event === 'serving') return this.#served(happening)
    if (happening.event !== 'importing' && happening.event !== 'fetching') return null
    const { bytes, size: total } = happening
    const done = percent(bytes, total)
    this.#rate.add(bytes)
    const step = Math.floor(done / STEP_PERCENT)
    if (step === this.#told) return null
    this.#told = step
    const doing = happening.event === 'importing' ? 'Imported' : 'Fetched'
    if (bytes === total) {
      this.#told = -1
      this.#rate = new Rate()
      return `${doing} 100 %`
    }
    return `${doing} ${done} %, ${size(this.#rate.perSecond)}/s, ${this.#rate.left(total - bytes)} left`
  }

  /** A line when a peer comes, goes or has the whole file; none for each block. */
  #served({ peers, sent, delivered }: Happening & { event: 'serving' }): string | null {
    const state = `${peers} ${delivered}`
    if (state === this.#serving) return null
    this.#serving = state
    return servingLine({ peers, sent, delivered })
  }
}

export function servingLine(now: { peers: number; sent: number; delivered: number }): string {
  const peers = `${now.peers} ${now.peers === 1 ? 'peer' : 'peers'}`
  const copies = now.delivered > 0 ? `, ${now.delivered} complete` : ''
  return `${peers}, ${size(now.sent)} sent${copies}`
}

/** Rounded down, so that 100 means all. */
export function percent(bytes: number, total: number): number {
  return total === 0 ? 100 : Math.floor((bytes / total) * 100)
}

/** Such as `64 MiB`. */
export function size(bytes: number): string {
  return prettyBytes(bytes, { binary: true, maximumFractionDigits: 1 })
}
