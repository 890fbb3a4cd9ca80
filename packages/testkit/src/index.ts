export type { WaitOptions } from './deadline.js'
export {
  type CreateNetworkersOptions,
  createNetworkers,
  type Networkers,
  type Several
} from './networkers.js'
export { replicated } from './replicated.js'
export type { ReplicatedCore, TestCore, TestStore } from './store.js'
export { waitForPeers } from './wait-for-peers.js'
