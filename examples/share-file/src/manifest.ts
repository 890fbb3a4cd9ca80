import { Malformed } from './failure.js'

/**
 * Bytes of file in one block. A block is what a peer asks for, proves and stores in one go: small enough that a
 * lost connection costs little, large enough that proofs and bookkeeping do.
 */
export const BLOCK_SIZE = 64 * 1024

/** A manifest with a name of 255 characters takes less than 2 KiB. */
const MAX_MANIFEST_BYTES = 16 * 1024
/** What a stranger may make us hold in memory at once, for one block. */
const MAX_BLOCK_SIZE = 1024 * 1024
const MIN_BLOCK_SIZE = 1024
/** Most file systems allow 255 bytes; the rest is for what we append while fetching. */
const MAX_NAME_BYTES = 200

/** Block 0 of a core: what the file is called and how it lies in the blocks that follow. */
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
 * Reads block 0 as a stranger may have written it.
 *
 * @throws Malformed, naming the field that makes no sense
 */
export function decodeManifest(block: Uint8Array): FileManifest {
  if (block.byteLength > MAX_MANIFEST_BYTES) throw senseless(`it is ${block.byteLength} bytes long`)
  const { version, name, size, blockSize } = parse(block)
  if (version !== 1) throw senseless(`its version is ${show(version)}, this program reads version 1`)
  if (typeof name !== 'string') throw senseless(`its name is ${show(name)}`)
  if (!isCount(size)) throw senseless(`its size is ${show(size)}`)
  if (!isCount(blockSize) || blockSize < MIN_BLOCK_SIZE || blockSize > MAX_BLOCK_SIZE) {
    throw senseless(`its block size is ${show(blockSize)}`)
  }
  return { version, name, size, blockSize }
}

/** Where the data ends, and with it the index of the footer. Data begins at block 1. */
export function footerIndex({ size, blockSize }: FileManifest): number {
  return 1 + Math.ceil(size / blockSize)
}

/** How many bytes of the file the block at `index` holds. */
export function bytesInBlock({ size, blockSize }: FileManifest, index: number): number {
  return Math.min(blockSize, size - (index - 1) * blockSize)
}

/**
 * A name that is safe to create in the current directory, whatever the sharer called the file: no folders, no
 * control or invisible characters, no leading dot, nothing that Windows reserves.
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
  throw senseless('it is not JSON')
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function senseless(why: string): Malformed {
  return new Malformed(
    `the key does not lead to a shared file: the description in its first block cannot be used, ${why}`
  )
}

/** A stranger's value, short enough for one line and without anything that a terminal would act on. */
function show(value: unknown): string {
  return (JSON.stringify(value) ?? 'missing').replace(/\p{C}/gu, '').slice(0, 40)
}
