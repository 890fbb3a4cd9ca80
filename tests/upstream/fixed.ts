/** What a red upstream test says: the library's fault is gone, and what of ours was there only because of it. */
export function fixed(owner: string, workAround: string): string {
  return `Fixed upstream? Then ${owner} can drop this work-around: ${workAround}. See tests/README.md.`
}
