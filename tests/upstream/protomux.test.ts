import Protomux from 'protomux'
import { describe, expect, it } from 'vitest'
import { within } from '../support/bound.js'
import { deferred } from '../support/deferred.js'
import { closed, type StreamPair, withStreamPair } from '../support/stream-pair.js'
import { fixed } from './fixed.js'

/** Bytes: 2^24 - 1, less 17 for the encryption, and less 1 each for the channel and the message type. */
const LONGEST_PAYLOAD = 16_777_196
const MIB = 1024 * 1024
/** Milliseconds. Over TCP on one machine everything here takes less than 2 s. */
const PATIENCE = 10_000

describe('Protomux', () => {
  it('carries a payload of the longest length, and destroys the connection at one byte more', async () => {
    await withStreamPair(async ({ initiator, responder }) => {
      let arrived = deferred<number>()
      const { message } = openPair(initiator, responder, ({ byteLength }) => arrived.resolve(byteLength))

      message.send(Buffer.alloc(LONGEST_PAYLOAD))
      expect(await arrived.promise).toBe(LONGEST_PAYLOAD)

      arrived = deferred<number>()
      message.send(Buffer.alloc(LONGEST_PAYLOAD + 1))
      const result = await Promise.race([arrived.promise, bothClosed({ initiator, responder })])
      expect(result, limit()).toBe('closed')
    })
  })

  it('destroys the connection when two payloads that fit alone are corked together', async () => {
    await withStreamPair(async ({ initiator, responder }) => {
      const arrived = deferred<number>()
      const { channel, message } = openPair(initiator, responder, ({ byteLength }) => {
        if (byteLength === 9 * MIB) arrived.resolve(byteLength)
      })
      channel.cork()
      // Protomux splits a batch only once it has passed 8 MiB, however long the last message is.
      message.send(Buffer.alloc(8 * MIB - 1024))
      message.send(Buffer.alloc(9 * MIB))
      channel.uncork()
      const result = await Promise.race([arrived.promise, bothClosed({ initiator, responder })])
      expect(result, limit()).toBe('closed')
    })
  })

  it('signals backpressure but never enforces it: messages to a paused peer pile up', async () => {
    await withStreamPair(async ({ initiator, responder }) => {
      const count = 128
      let bytes = 0
      const all = deferred<void>()
      const { channel, message } = openPair(initiator, responder, ({ byteLength }) => {
        bytes += byteLength
        if (bytes === count * MIB) all.resolve()
      })
      await channel.fullyOpened()
      responder.pause()

      const accepted = Array.from({ length: count }, () => message.send(Buffer.alloc(MIB)))
      expect(accepted.at(-1), 'it asked us to wait').toBe(false)
      expect(bytes, 'nothing was delivered yet').toBe(0)

      // Protomux kept all messages: they arrive now.
      responder.resume()
      await within(PATIENCE, all.promise)
      expect(bytes, fixed('extensions', 'the high-water mark above which send refuses')).toBe(count * MIB)
    })
  })

  it('rejects a channel that is not paired yet, and loses the messages on it', async () => {
    await withStreamPair(async ({ initiator, responder }) => {
      const [near, far] = [Protomux.from(initiator), Protomux.from(responder)]
      const received: string[] = []

      const rejected = deferred<void>()
      const early = near.createChannel({ protocol: 'late', onclose: () => rejected.resolve() })!
      const lost = early.addMessage<Uint8Array>({})
      early.open()
      lost.send(Buffer.from('too early'))
      await within(PATIENCE, rejected.promise)
      const message = fixed('extensions', 'one channel a connection, opened in the tick of the connection')
      expect(early.closed, message).toBe(true)
      expect(lost.send(Buffer.from('too late')), 'the same answer as for backpressure').toBe(false)

      // The other side opens its channel a moment later. It pairs with a second channel only.
      const second = deferred<void>()
      const late = far.createChannel({ protocol: 'late' })!
      late.addMessage<Uint8Array>({
        onmessage: (bytes) => {
          received.push(Buffer.from(bytes).toString())
          second.resolve()
        }
      })
      late.open()
      const again = near.createChannel({ protocol: 'late' })!
      const resent = again.addMessage<Uint8Array>({})
      again.open()
      resent.send(Buffer.from('in time'))
      await second.promise

      expect(received, message).toEqual(['in time'])
    })
  })
})

async function bothClosed({ initiator, responder }: StreamPair): Promise<'closed'> {
  await Promise.all([closed(initiator), closed(responder)])
  return 'closed'
}

function limit(): string {
  return fixed('extensions', 'the size limit of a message, 8 MiB less 64 KiB at most')
}

/** One channel, open on both ends, and a message from initiator to responder. */
function openPair(
  initiator: object,
  responder: object,
  onmessage: (bytes: Uint8Array) => void
): { channel: ReturnType<typeof open>['channel']; message: ReturnType<typeof open>['message'] } {
  open(responder, onmessage)
  return open(initiator, () => {})
}

function open(stream: object, onmessage: (bytes: Uint8Array) => void) {
  const channel = Protomux.from(stream).createChannel({ protocol: 'test' })!
  const message = channel.addMessage<Uint8Array>({ onmessage })
  channel.open()
  return { channel, message }
}
