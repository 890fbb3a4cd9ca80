/** All that the author of a transport needs: the contract, `secure()`, the errors, and checks of options. */
export {
  checkOptions,
  isNetworkerError,
  NetworkerError,
  type NetworkerErrorCode,
  type OptionKind,
  type OptionKinds,
  type OptionsContext
} from '@basestore/extensions'
export type {
  DialFailure,
  KeyPair,
  NatPair,
  OnlineState,
  StreamInfo,
  TopicMode,
  Transport,
  TransportHost,
  TransportNote
} from './contract.js'
export type { NoiseStream, NoiseStreamEvents } from './noise-stream.js'
export type { RawStream } from './raw-stream.js'
export { type SecureOptions, secure } from './secure.js'
export { abortable } from './wait.js'
