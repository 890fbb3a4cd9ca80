/** All that the author of a transport needs: the contract, `secure()`, the errors, and a wait that a signal ends. */
export type { KeyPair, StreamInfo, TopicMode, Transport, TransportHost } from './contract.js'
export { isNetworkerError, NetworkerError, type NetworkerErrorCode } from './errors.js'
export type { NoiseStream, NoiseStreamEvents } from './noise-stream.js'
export { type RawStream, type SecureOptions, secure } from './secure.js'
export { abortable } from './wait.js'
