/** Any duplex stream of bytes: a `net.Socket`, a UDX stream, a `Duplex` of streamx or Node. */
export interface RawStream {
  readonly destroyed: boolean
  write(data: Uint8Array): boolean
  end(...data: never[]): unknown
  destroy(error?: Error): unknown
  pause(): unknown
  resume(): unknown
  on(event: never, listener: never): unknown
  removeListener(event: never, listener: never): unknown
}
