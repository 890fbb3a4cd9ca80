import type { Question } from '../harness/question.js'
import { broadcast } from './broadcast.js'
import { deadPeers } from './dead-peers.js'
import { extensionMessages } from './extension-messages.js'
import { firstBlock } from './first-block.js'
import { footprint } from './footprint.js'
import { joiningAtOnce } from './joining-at-once.js'
import { largeCore } from './large-core.js'
import { manyPeers } from './many-peers.js'
import { manyTopics } from './many-topics.js'
import { openingAConnection } from './opening-a-connection.js'
import { smallCores } from './small-cores.js'

/** All questions, in the order of the page. */
export const questions: readonly Question[] = [
  firstBlock,
  largeCore,
  smallCores,
  extensionMessages,
  broadcast,
  manyTopics,
  manyPeers,
  joiningAtOnce,
  openingAConnection,
  footprint,
  deadPeers
]
