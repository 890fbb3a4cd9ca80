/** Opens connections of which both ends are in this process. What a connection takes beside itself was made before. */
export interface Dialler {
  /** Opens the next connection, verified. Resolves when both ends have been told of it. */
  dial(): Promise<Connection>
  /** Closes what is open, too. */
  close(): Promise<void>
}

export interface Connection {
  /** Sends bytes there and back. @returns what came back */
  echo(bytes: Uint8Array): Promise<Uint8Array>
  /** Resolves when both ends have closed. */
  close(): Promise<void>
}
