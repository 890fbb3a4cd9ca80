/** A whole number where it reads as one, so that 42 of a command line is the same seed as 42 in a program. */
export function toSeed(text: string): number | string {
  return /^-?\d{1,15}$/.test(text) ? Number(text) : text
}
