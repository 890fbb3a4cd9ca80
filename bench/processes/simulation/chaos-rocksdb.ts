import type { SimulationOptions } from '@basestore/testkit/simulation'
import chaos, { options as memory } from './chaos.js'

export const options: SimulationOptions = { ...memory, store: 'rocksdb' }

export default chaos
