/** Something that happened while a file was shared or fetched. Sizes are in bytes. */
export type Happening =
  | { readonly event: 'importing'; readonly bytes: number; readonly size: number }
  /** `again`: the same file was imported by an earlier run, unchanged. */
  | { readonly event: 'imported'; readonly name: string; readonly size: number; readonly again: boolean }
  | { readonly event: 'sharing'; readonly key: string; readonly store: string }
  | { readonly event: 'serving'; readonly peers: number; readonly sent: number; readonly delivered: number }
  | { readonly event: 'looking'; readonly key: string }
  | { readonly event: 'peer'; readonly address: string | null }
  | { readonly event: 'found'; readonly name: string; readonly size: number; readonly target: string }
  | { readonly event: 'resuming'; readonly bytes: number; readonly size: number }
  | { readonly event: 'fetching'; readonly bytes: number; readonly size: number }
  | { readonly event: 'verified'; readonly sha256: string }
  | { readonly event: 'acknowledged'; readonly ms: number }
  | { readonly event: 'saved'; readonly target: string; readonly size: number }
  /** `peakMemory`: the most memory that the process ever had resident. */
  | { readonly event: 'stopped'; readonly peakMemory: number }

/** Where a report is written to, such as `process.stdout`. */
export type Output = NodeJS.WritableStream & { readonly isTTY?: boolean }

/** Tells the user what happens: on a terminal, as plain lines, or as JSON. */
export interface Report {
  tell(happening: Happening): void
  /** Leaves the terminal as it was before. */
  end(): void
}

/** The time in ms since the epoch, of one clock for all processes of this machine. */
export function timestamp(): number {
  return performance.timeOrigin + performance.now()
}
