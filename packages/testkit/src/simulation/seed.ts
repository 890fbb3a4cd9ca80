/** The seed of a text. A text that is a whole number gives a number, so that 42 means the same in a command and in a program. */
export function toSeed(text: string): number | string {
  return /^-?\d{1,15}$/.test(text) ? Number(text) : text
}
