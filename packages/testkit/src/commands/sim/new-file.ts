import { open, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** A file that appears under its name only when it is complete. */
export class NewFile {
  readonly path: string
  /** The file to write to, in the same folder. */
  readonly draft: string

  private constructor(path: string, draft: string) {
    this.path = path
    this.draft = draft
  }

  /** @throws Error when the file cannot be written */
  static async create(path: string): Promise<NewFile> {
    try {
      const target = await realpath(path).catch(() => path)
      const there = await stat(target).catch(() => null)
      if (there && !there.isFile()) throw new Error('it is no file')
      const draft = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`)
      const file = await open(draft, 'wx')
      await file.close()
      return new NewFile(target, draft)
    } catch (error) {
      throw new Error(`cannot write ${path}: ${(error as Error).message}`)
    }
  }

  /** Gives the draft its name. */
  async keep(): Promise<void> {
    await rename(this.draft, this.path)
  }

  /** Removes the draft, unless it was kept. */
  async discard(): Promise<void> {
    await rm(this.draft, { force: true })
  }
}
