import { createHash, type Hash } from 'node:crypto'
import { constants } from 'node:fs'
import { access, type FileHandle, link, lstat, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { codeOf, Failure, fileFailure } from './failure.js'
import type { FileManifest } from './manifest.js'

/** In a directory that others can write, a link at our path may be a trap. Windows has no such flag. */
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0
/** Bytes read at a time from the part file of an earlier run. */
const READ_SIZE = 1024 * 1024
/** Codes of `link` where the file system has no hard links, as FAT. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV'])

/**
 * The file while it arrives, in the directory of its final name. Blocks are written in order, so its length tells how
 * far the fetch got, also after the process was killed.
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

  /** Opens the part file of an earlier run, or makes one. Reads what it holds, as the checksum is of all bytes. */
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

  /** How many bytes the file has. */
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

  /** The SHA-256 of all bytes. Nothing can be written afterwards. */
  checksum(): Buffer {
    return this.#hash.digest()
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  /** Gives the complete file its final name, in one step. */
  async place(target: string, { overwrite }: { overwrite: boolean }): Promise<void> {
    await this.#file.sync()
    await this.close()
    if (overwrite) await rename(this.path, target)
    else await renameNew(this.path, target)
    await syncDirectory(dirname(target))
  }
}

/**
 * Checks before the transfer that a file can be saved here.
 *
 * @throws Failure when it cannot
 */
export async function checkTarget(target: string, { overwrite }: { overwrite: boolean }): Promise<void> {
  const present = await lstat(target).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return null
    throw fileFailure('cannot write', target, error)
  })
  if (present?.isDirectory()) throw new Failure(`cannot write ${target}: is a directory; name a file in it`)
  if (present && !overwrite)
    throw new Failure(`${target} exists; choose another --out, or --force to replace it`)
  await access(dirname(target), constants.W_OK | constants.X_OK).catch((error: unknown) => {
    throw fileFailure('cannot write', target, error)
  })
}

/** `rename` replaces an existing file silently. `link` fails when there is one, check and creation in one step. */
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

/** A new name survives a power failure once its directory is synced. Windows cannot open a directory, nor has to. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r').catch(() => null)
  if (!directory) return
  await directory.sync().catch(() => {})
  await directory.close()
}
