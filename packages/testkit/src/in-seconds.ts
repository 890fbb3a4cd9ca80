/** Milliseconds as text, such as `1.500 s`. */
export function inSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`
}
