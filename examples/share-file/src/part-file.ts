import { createHash, type Hash } from 'node:crypto'
import { constants } from 'node:fs'
import { access, type FileHandle, link, lstat, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { codeOf, Failure, fileFailure } from './failure.js'
import type { FileManifest } from './manifest.js'

/** A link at this path is somebody else's trap, in a directory that others can write. Windows has no such flag. */
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0
/** Bytes read at a time while checking what an earlier run left. */
const READ_SIZE = 1024 * 1024
/** What `link` says where there are no hard links, as on FAT. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV'])

/**
 * The file while it arrives, beside its final name. Blocks are written in order, so that its length says how
 * far it got, also when the process is killed.
 */
export class PartFile {
  readonly path: string
  readonly #file: FileHandle
  readonly #hash: Hash
  #bytes: number

  private constructor(path: string, file: FileHandle, hash: Hash, bytes: number) {
    this.path = path
    this.#file = file
    this.#hash = hash
    this.#bytes = bytes
  }

  /** Opens what an earlier run left, or begins. Reads what is there, since the checksum is of all bytes. */
  static async open(path: string, manifest: FileManifest): Promise<PartFile> {
    const file = await open(path, constants.O_RDWR | constants.O_CREAT | NO_FOLLOW, 0o666)
    try {
      const { size } = await file.stat()
      const whole = size >= manifest.size ? manifest.size : size - (size % manifest.blockSize)
      await file.truncate(whole)
      const hash = createHash('sha256')
      if (whole > 0) {
        const present = file.createReadStream({
          start: 0,
          end: whole - 1,
          autoClose: false,
          highWaterMark: READ_SIZE
        })
        for await (const chunk of present) hash.update(chunk)
      }
      return new PartFile(path, file, hash, whole)
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** How many bytes are there. */
  get bytes(): number {
    return this.#bytes
  }

  async append(block: Uint8Array): Promise<void> {
    this.#hash.update(block)
    let written = 0
    while (written < block.byteLength) {
      const { bytesWritten } = await this.#file.write(block, written, block.byteLength - written, this.#bytes)
      written += bytesWritten
      this.#bytes += bytesWritten
    }
  }

  /** Resolves when everything written is on the disk. */
  sync(): Promise<void> {
    return this.#file.datasync()
  }

  /** Of everything written. Ends the writing. */
  checksum(): Buffer {
    return this.#hash.digest()
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  /** Gives the complete file its name, in one step. */
  async place(target: string, { overwrite }: { overwrite: boolean }): Promise<void> {
    await this.#file.sync()
    await this.close()
    if (overwrite) await rename(this.path, target)
    else await renameNew(this.path, target)
    await syncDirectory(dirname(target))
  }
}

/**
 * Whether a file may be created here, said before hours of transfer rather than after.
 *
 * @throws Failure
 */
export async function checkTarget(target: string, { overwrite }: { overwrite: boolean }): Promise<void> {
  const present = await lstat(target).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return null
    throw fileFailure('cannot write', target, error)
  })
  if (present?.isDirectory()) throw new Failure(`cannot write ${target}: is a directory`)
  if (present && !overwrite)
    throw new Failure(`${target} exists; choose another --out, or --force to replace it`)
  await access(dirname(target), constants.W_OK | constants.X_OK).catch((error: unknown) => {
    throw fileFailure('cannot write', target, error)
  })
}

/** `rename` replaces what is there without a word; `link` refuses, and leaves no moment between look and leap. */
async function renameNew(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch (error) {
    if (!NO_LINKS.has(codeOf(error) ?? '')) throw error
    await checkTarget(to, { overwrite: false })
    await rename(from, to)
    return
  }
  await rm(from)
}

/** A new name is durable once its directory is. Windows cannot open one, and needs no such thing. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r').catch(() => null)
  if (!directory) return
  await directory.sync().catch(() => {})
  await directory.close()
}
