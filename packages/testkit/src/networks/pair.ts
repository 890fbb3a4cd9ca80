/** Two peers by their index. The first one dials. */
export type Pair = readonly [number, number]

/** The same text whichever of the two comes first. */
export function pairId(a: string | number, b: string | number): string {
  return [String(a), String(b)].sort().join()
}
