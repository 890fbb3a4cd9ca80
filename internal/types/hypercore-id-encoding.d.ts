declare module 'hypercore-id-encoding' {
  export function encode(key: Uint8Array): string
  export function decode(id: Uint8Array | string): Uint8Array
  export function normalize(id: Uint8Array | string): string
  export function isValid(id: unknown): boolean
}
