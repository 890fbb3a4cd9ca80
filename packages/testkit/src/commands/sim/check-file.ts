import { stat } from 'node:fs/promises'

/** @throws Error when the file does not exist */
export async function checkFile(file: string): Promise<void> {
  const there = await stat(file).catch(() => null)
  if (!there?.isFile()) throw new Error(`there is no file ${file}`)
}
