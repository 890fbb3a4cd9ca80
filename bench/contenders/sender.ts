/** A contender that sends messages to one peer. */
export interface Sender {
  /** @returns false when the caller should wait for `drained` before it sends more */
  send(message: Uint8Array): boolean
  drained(): Promise<void>
}
