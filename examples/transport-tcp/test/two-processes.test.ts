import { expect, test } from 'vitest'
import { replicateBetween } from './children/pair.mjs'
import { HOST } from './peer.js'
import { freeUdpPort } from './ports.js'

test('two processes without internet, each with TCP and Hyperswarm, replicate over TCP', async () => {
  // Nobody answers at this address, so Hyperswarm behaves as without internet.
  const nowhere = { bootstrap: [`${HOST}:${await freeUdpPort()}`] }
  const options = { tcp: { host: HOST, mdns: { port: await freeUdpPort() } }, hyperswarm: nowhere }
  const machine = { command: [process.execPath], options }
  expect(await replicateBetween([machine, machine])).toMatchObject({ blocks: 1_000, type: 'tcp' })
}, 60_000)
