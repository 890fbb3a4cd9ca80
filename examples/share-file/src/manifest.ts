import { Malformed } from './failure.js'

/**
 * Bytes of the file in one block. A block is requested, proved and stored as one. It is small enough that a lost
 * connection costs little, and large enough that proofs and bookkeeping cost little.
 */
export const BLOCK_SIZE = 64 * 1024

/** A manifest with a name of 255 characters takes less than 2 KiB. */
const MAX_MANIFEST_BYTES = 16 * 1024
/** The most memory that a remote can make us hold for one block (bytes). */
const MAX_BLOCK_SIZE = 1024 * 1024
const MIN_BLOCK_SIZE = 1024
/** Most file systems allow 255 bytes. The rest is for the endings of the part file and the store. */
const MAX_NAME_BYTES = 200

/** Block 0 of a core: the file's name, and how the blocks after it hold the file. */
export interface FileManifest {
  readonly version: 1
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** Bytes in each data block but the last. */
  readonly blockSize: number
}

export function encodeManifest({ version, name, size, blockSize }: FileManifest): Buffer {
  return Buffer.from(JSON.stringify({ version, name, size, blockSize }))
}

/**
 * Reads block 0. Its bytes are from a stranger.
 *
 * @throws Malformed with the name of the first bad field
 */
export function decodeManifest(block: Uint8Array): FileManifest {
  if (block.byteLength > MAX_MANIFEST_BYTES) throw malformed(`it is ${block.byteLength} bytes long`)
  const { version, name, size, blockSize } = parse(block)
  if (version !== 1) throw malformed(`its version is ${show(version)}, this program reads version 1`)
  if (typeof name !== 'string') throw malformed(`its name is ${show(name)}`)
  if (!isCount(size)) throw malformed(`its size is ${show(size)}`)
  if (!isCount(blockSize) || blockSize < MIN_BLOCK_SIZE || blockSize > MAX_BLOCK_SIZE) {
    throw malformed(`its block size is ${show(blockSize)}`)
  }
  return { version, name, size, blockSize }
}

/** The index of the footer, which is also the end of the data. Data begins at block 1. */
export function footerIndex({ size, blockSize }: FileManifest): number {
  return 1 + Math.ceil(size / blockSize)
}

/** How many bytes of the file block `index` holds. */
export function bytesInBlock({ size, blockSize }: FileManifest, index: number): number {
  return Math.min(blockSize, size - (index - 1) * blockSize)
}

/**
 * Makes the sharer's name for a file safe to create in the current directory: no folders, no control or invisible
 * characters, no leading dot, no name that Windows reserves.
 */
export function safeName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? ''
  const plain = last
    .normalize('NFC')
    .replace(/[\p{C}\p{Zl}\p{Zp}<>:"|?*]/gu, '_')
    .trim()
    .replace(/[. ]+$/, '')
    .replace(/^\.+/, '_')
  const unreserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(plain) ? `_${plain}` : plain
  return shorten(unreserved) || 'shared-file'
}

function shorten(name: string): string {
  let short = name
  while (Buffer.byteLength(short) > MAX_NAME_BYTES) short = [...short].slice(0, -1).join('')
  return short
}

function parse(block: Uint8Array): Partial<Record<keyof FileManifest, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(block).toString())
    if (typeof value === 'object' && value !== null) return value
  } catch {}
  throw malformed('it is not JSON')
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function malformed(why: string): Malformed {
  return new Malformed(
    `this key does not lead to a shared file; check it (its first block cannot be used: ${why})`
  )
}

/** A stranger's value, cut to fit into one line, without characters that a terminal would act on. */
function show(value: unknown): string {
  return (JSON.stringify(value) ?? 'missing').replace(/\p{C}/gu, '').slice(0, 40)
}
