export {
  type Extension,
  type ExtensionHandlers,
  isNetworkerError,
  json,
  NetworkerError,
  type NetworkerErrorCode,
  type Protocol,
  type ProtocolMessage,
  type ProtocolOptions
} from '@basestore/extensions'
export type { KeyPair, OnlineState, StreamInfo, TopicMode, Transport, TransportHost } from './contract.js'
export type { NetworkerEvents } from './events.js'
export type { KeyLike } from './keys.js'
export { Networker } from './networker.js'
export type { NoiseStream, NoiseStreamEvents } from './noise-stream.js'
export type {
  ConnectOptions,
  DisconnectOptions,
  Firewall,
  FirewallInfo,
  NetworkerOptions
} from './options.js'
export type { Peer } from './peer.js'
export type { LoadedCore, Store } from './store.js'
export type { TopicLike, TopicSource } from './topic-source.js'
export type { ConfigureOptions } from './topics.js'
