/** What happens while a file is shared or fetched. Sizes are bytes. */
export type Happening =
  | { readonly event: 'importing'; readonly bytes: number; readonly size: number }
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
  /** `peakMemory`: the most that was ever resident. */
  | { readonly event: 'stopped'; readonly peakMemory: number }

/** Where happenings are told: a terminal, a pipe for people, a pipe for programs. */
export interface Report {
  tell(happening: Happening): void
  /** Leaves the terminal as it was. Nothing is told afterwards. */
  end(): void
}
