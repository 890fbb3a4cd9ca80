export {
  type Extension,
  type ExtensionHandlers,
  isNetworkerError,
  NetworkerError,
  type NetworkerErrorCode
} from '@basestore/extensions'
export type { KeyPair, OnlineState, StreamInfo, TopicMode, Transport, TransportHost } from './contract.js'
export type { NetworkerEvents } from './events.js'
export type { KeyLike } from './keys.js'
export { Networker } from './networker.js'
export type { NoiseStream, NoiseStreamEvents } from './noise-stream.js'
export type { Firewall, FirewallInfo, NetworkerOptions } from './options.js'
export type { Peer } from './peer.js'
export type { LoadedCore, Store } from './store.js'
export type { ConfigureOptions } from './topics.js'
