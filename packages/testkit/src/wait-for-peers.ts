import type { Networker } from '@basestore/networker'
import { deadline, type WaitOptions } from './deadline.js'

/** How much of a key a message shows: enough to tell the peers of a test apart. */
const SHORT_BYTES = 4

/**
 * Waits until a networker has peers.
 *
 * @param count resolves at this many peers, or more
 * @throws Error that tells who is connected and what to check, when that takes longer than the timeout. An abort
 * rejects with the signal's reason.
 */
export async function waitForPeers(
  networker: Networker,
  count: number,
  options: WaitOptions = {}
): Promise<void> {
  let onadd = (): void => {}
  const enough = new Promise<void>((resolve) => {
    onadd = () => {
      if (networker.peers.size >= count) resolve()
    }
  })
  networker.on('peer-add', onadd)
  onadd()
  try {
    await deadline(enough, options, (timeout) => explain(networker, count, timeout))
  } finally {
    networker.removeListener('peer-add', onadd)
  }
}

function explain({ peers, keyPair }: Networker, count: number, timeout: number): string {
  const keys = [...peers].map(({ remotePublicKey }) => short(remotePublicKey))
  const connected = keys.length === 0 ? 'nobody is connected' : `only ${keys.join(', ')} connected`
  return (
    `${short(keyPair.publicKey)} waited ${timeout} ms for ${count} peers: ${connected}. Check that both sides ` +
    'configure() the same discovery key, that one of them announces and the other looks up, that their transports ' +
    'share a network, and that firewall and maxPeers admit them.'
  )
}

function short(key: Uint8Array): string {
  return Buffer.from(key).toString('hex', 0, SHORT_BYTES)
}
