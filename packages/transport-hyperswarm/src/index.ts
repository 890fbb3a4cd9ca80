export { type HyperswarmTransport, hyperswarm } from './hyperswarm-transport.js'
export type { DhtLike, HyperswarmOptions, RelayThrough, SwarmLike } from './options.js'
