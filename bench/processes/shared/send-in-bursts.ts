import { setImmediate } from 'node:timers/promises'
import type { Sender } from '../../contenders/sender.js'

/** Sends messages in bursts, each in one turn of the event loop. */
export async function sendInBursts(
  { send, drained }: Sender,
  messages: readonly Uint8Array[],
  perBurst: number
): Promise<void> {
  for (let next = 0; next < messages.length; ) {
    let more = true
    for (const end = next + perBurst; next < end; next++) more = send(messages[next]!)
    await setImmediate()
    // Without this wait all messages of a trial may queue up, which is more than an extension holds for a peer.
    if (!more) await drained()
  }
}
