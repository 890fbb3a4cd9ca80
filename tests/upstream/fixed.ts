/** The message of an upstream test that turns red: the library may be mended, so this work-around of ours can go. */
export function fixed(owner: string, workAround: string): string {
  return `Fixed upstream? Then ${owner} can drop this work-around: ${workAround}. See tests/README.md.`
}
