/** All that the author of a transport needs: the contract, `secure()`, the errors, and a wait that a signal ends. */
export { isNetworkerError, NetworkerError, type NetworkerErrorCode } from '@basestore/extensions'
export type { KeyPair, OnlineState, StreamInfo, TopicMode, Transport, TransportHost } from './contract.js'
export type { NoiseStream, NoiseStreamEvents } from './noise-stream.js'
export type { RawStream } from './raw-stream.js'
export { type SecureOptions, secure } from './secure.js'
export { abortable } from './wait.js'
