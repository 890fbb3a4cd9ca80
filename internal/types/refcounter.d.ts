declare module 'refcounter' {
  class RefCounter {
    readonly count: number
    isIdle(): boolean
    /** Resolves when the count is 0. */
    idle(): Promise<void>
    inc(): void
    dec(): void
  }

  export = RefCounter
}
