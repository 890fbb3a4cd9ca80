import type { Page } from '../harness/question.js'
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
import { simulation } from './simulation.js'
import { smallCores } from './small-cores.js'

/** All pages. `pnpm bench` without a name asks the questions of the first. */
export const pages: readonly Page[] = [
  {
    name: 'benchmarks',
    file: 'benchmarks.md',
    title: 'Benchmarks',
    intro: [
      `This page compares the networker with what you could use instead. \`pnpm bench\` writes it from \`bench/results\`, and
\`pnpm bench NAME\` measures one question again. Absolute times hold for the machine below; the ratios carry over to
yours. A spread in brackets is from the lower to the upper quartile.`,
      `The contenders take turns in one run:

- **ours** is the networker.
- **raw** is Hyperswarm, Corestore and Protomux of the same versions, wired by hand.
- **1.x** is \`@corestore/networker\` with the stack of its time.
- **libp2p** is libp2p. It needs Node 22, so the contenders beside it run on Node 22, too.
- **bare** is the layer below alone.`,
      'Versions:'
    ],
    questions: [
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
  },
  {
    name: 'simulation',
    file: 'simulation-figures.md',
    title: 'What the simulator costs',
    intro: [
      `This page shows how long simulations take, and that their runs repeat. \`pnpm bench:simulation\` writes it from
\`bench/results\`, and \`pnpm bench:simulation --only flood\` measures one question again. Times hold for the machine below.`,
      'Versions:'
    ],
    questions: simulation,
    isStrict: true
  }
]
