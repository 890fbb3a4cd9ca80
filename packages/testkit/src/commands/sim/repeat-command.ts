/** The command that repeats a run. Its quotes are those of a POSIX shell. */
export function repeatCommand(file: string, seed: number | string, faults?: readonly number[]): string {
  const chosen = String(seed)
  const seedOption =
    chosen.startsWith('-') || chosen === '' ? `--seed=${quote(chosen)}` : `--seed ${quote(chosen)}`
  const only = faults ? ` --faults=${faults.join(',')}` : ''
  return `npx basestore-sim run ${quote(file)} ${seedOption}${only}`
}

function quote(text: string): string {
  return /^[\w@%+=:,./\\-]*$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
