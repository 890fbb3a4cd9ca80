export interface Machine {
  /** How to run node on it. */
  readonly command: readonly string[]
  /** Those of its transports. */
  readonly options: { readonly tcp?: object; readonly hyperswarm?: object }
}

export function replicateBetween(
  machines: readonly [writing: Machine, reading: Machine]
): Promise<{ blocks: number; type: string; remoteAddress: string }>
