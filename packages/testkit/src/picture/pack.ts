/** The typed arrays that a packed value may hold, by their names. */
const ARRAYS = { Uint8Array, Uint32Array, Float64Array }
/** Bytes. Each typed array may begin at a multiple of this. */
const ALIGNMENT = 8

type Arrays = Uint8Array | Uint32Array | Float64Array

/** Stands in the JSON for an array, and tells where its bytes are. */
interface Reference {
  readonly $array: keyof typeof ARRAYS
  readonly offset: number
  readonly length: number
}

/**
 * A value with typed arrays in it as bytes: the length of its JSON, the JSON, and the bytes of the arrays. They are
 * little-endian, like all computers that run a browser.
 */
export function pack(value: object): Uint8Array {
  const arrays: { readonly bytes: Uint8Array; readonly offset: number }[] = []
  let size = 0
  const json = JSON.stringify(value, (_, item: unknown) => {
    if (!isArray(item)) return item
    const reference: Reference = { $array: nameOf(item), offset: size, length: item.length }
    arrays.push({ bytes: new Uint8Array(item.buffer, item.byteOffset, item.byteLength), offset: size })
    size = align(size + item.byteLength)
    return reference
  })
  const text = new TextEncoder().encode(json)
  const start = align(4 + text.length)
  const packed = new Uint8Array(start + size)
  new DataView(packed.buffer).setUint32(0, text.length, true)
  packed.set(text, 4)
  for (const { bytes, offset } of arrays) packed.set(bytes, start + offset)
  return packed
}

/** Returns the value that was packed. Its arrays are views of the buffer. */
export function unpack(buffer: ArrayBuffer): unknown {
  const size = new DataView(buffer).getUint32(0, true)
  const start = align(4 + size)
  const json = new TextDecoder().decode(new Uint8Array(buffer, 4, size))
  return JSON.parse(json, (_, item: unknown) => {
    if (!isReference(item)) return item
    return new ARRAYS[item.$array](buffer, start + item.offset, item.length)
  })
}

function isArray(item: unknown): item is Arrays {
  return Object.values(ARRAYS).some((type) => item instanceof type)
}

function nameOf(array: Arrays): keyof typeof ARRAYS {
  return array.constructor.name as keyof typeof ARRAYS
}

function isReference(item: unknown): item is Reference {
  return typeof item === 'object' && item !== null && '$array' in item
}

function align(size: number): number {
  return Math.ceil(size / ALIGNMENT) * ALIGNMENT
}
