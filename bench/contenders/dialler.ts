/** A contender that opens connections with both ends in one process. All but the connection itself was made before. */
export interface Dialler {
  /** Opens the next connection. Resolves when both ends have it, and have proven their keys. */
  dial(): Promise<Connection>
  /** Closes the dialler and its open connections. */
  close(): Promise<void>
}

export interface Connection {
  /** Sends bytes there and back. @returns the bytes that came back */
  echo(bytes: Uint8Array): Promise<Uint8Array>
  /** Resolves when both ends have closed. */
  close(): Promise<void>
}

/** How many connections a contender opens, one after another. */
export interface Dials {
  readonly count: number
  /** Connections before the ones that count. */
  readonly warmup: number
  /** Whether each connection stays open while the next are opened. */
  readonly keepOpen: boolean
}

/** The costs of one connection. */
export interface ConnectionSample {
  /** Time until both ends have it. */
  readonly ms: number
  /** CPU time of the process meanwhile. */
  readonly cpuMs: number
  /** Time from the first byte that is sent on it to that byte's return. */
  readonly roundTripMs: number
}
