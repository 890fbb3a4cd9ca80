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
export type { NetworkerEvents } from './events.js'
export type {
  PeerConnection,
  PeerExplanation,
  TopicAtTransport,
  TopicCause,
  TopicExplanation
} from './explain/explanation.js'
export type { Attempt, EndedConnection, Finding } from './explain/history.js'
export type { Ending, OurRefusal, Outcome, PeerCause, RemoteReason } from './explain/outcome.js'
export type { PromClient } from './explain/prometheus.js'
export type { Stats } from './explain/stats.js'
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
