export interface Machine {
  /** The command that runs node on this machine. */
  readonly command: readonly string[]
  /** Options of its transports. */
  readonly options: { readonly tcp?: object; readonly hyperswarm?: object }
}

export function replicateBetween(
  machines: readonly [writing: Machine, reading: Machine]
): Promise<{ blocks: number; type: string; remoteAddress: string }>
