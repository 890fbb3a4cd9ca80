/** The end at which a direction's frames arrive. */
export interface Sink {
  /** @returns whether the reader has room for more */
  receive(frame: Buffer): boolean
}
