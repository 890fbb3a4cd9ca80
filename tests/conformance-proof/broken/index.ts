import { closing } from './closing.js'
import { connect } from './connect.js'
import { data } from './data.js'
import { fixture } from './fixture.js'
import { flush } from './flush.js'
import { hostile } from './hostile.js'
import { identity } from './identity.js'
import { joinAndLeave } from './join-and-leave.js'
import { offline } from './offline.js'
import { start } from './start.js'
import { stop } from './stop.js'
import { streams } from './streams.js'
import { suspend } from './suspend.js'
import { together } from './together.js'
import type { BrokenTransports } from './turns-red.js'

export const allBroken: BrokenTransports = {
  ...fixture,
  ...identity,
  ...start,
  ...joinAndLeave,
  ...flush,
  ...streams,
  ...data,
  ...closing,
  ...stop,
  ...together,
  ...connect,
  ...suspend,
  ...offline,
  ...hostile
}
