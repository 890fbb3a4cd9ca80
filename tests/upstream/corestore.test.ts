import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type SecretStream from '@hyperswarm/secret-stream'
import Corestore from 'corestore'
import type Hypercore from 'hypercore'
import { describe, expect, it } from 'vitest'
import { within } from '../support/bound.js'
import { withStreamPair } from '../support/stream-pair.js'
import { fixed } from './fixed.js'

/** Milliseconds. An answer without a network comes at once. */
const PATIENCE = 5_000

describe('Corestore and Hypercore', () => {
  it("drive the counter of findingPeers() to -1 when it is called before a named core's ready()", async () => {
    await withStores(async (store) => {
      const core = store.get({ name: 'log' })
      const done = core.findingPeers()
      await core.ready()
      done()

      const counter = store.cores.get(core.discoveryKey)?.replicator.findingPeers
      expect(counter, fixed('networker', 'findingPeers is raised on loaded cores alone')).toBe(-1)
    })
  })

  it('come back from update() with nothing, unless somebody is finding peers', async () => {
    const message = fixed('networker', 'a lookup says that peers are being found, until the first flush')

    await withStores(async (writer, reader) => {
      const log = await writtenLog(writer)
      const copy = reader.get(log.key)
      await copy.ready()
      expect(await within(PATIENCE, copy.update()), message).toBe(false)
    })

    // The same during a lookup: update() waits until the peer has come.
    await withStores(async (writer, reader) => {
      const log = await writtenLog(writer)
      const copy = reader.get(log.key)
      await copy.ready()
      const done = copy.findingPeers()
      const updated = copy.update()
      await withStreamPair(async (pair) => {
        replicate(writer, reader, pair)
        expect(await updated).toBe(true)
        expect(copy.length).toBe(1)
        done()
      })
    })
  })

  it('leave replication streams open when the store closes', async () => {
    await withStores(async (writer, reader) => {
      const log = await writtenLog(writer)
      await withStreamPair(async (pair) => {
        replicate(writer, reader, pair)
        await reader.get(log.key).get(0)

        await reader.close()
        const message = fixed('networker', 'users are told to close the networker before the store')
        expect(pair.responder.destroying, message).toBe(false)

        // The stream still carries bytes both ways.
        expect(await pair.responder.flush(), message).toBe(true)
        expect(pair.initiator.destroying, message).toBe(false)
      })
    })
  })
})

async function writtenLog(store: Corestore): Promise<Hypercore> {
  const log = store.get({ name: 'log' })
  await log.append('first')
  return log
}

function replicate(
  writer: Corestore,
  reader: Corestore,
  { initiator, responder }: { initiator: SecretStream; responder: SecretStream }
): void {
  writer.replicate(initiator)
  reader.replicate(responder)
}

/** Makes two stores in a temporary directory for as long as `use` runs. */
async function withStores<T>(use: (one: Corestore, other: Corestore) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'upstream-'))
  const one = new Corestore(join(folder, 'one'))
  const other = new Corestore(join(folder, 'other'))
  try {
    return await use(one, other)
  } finally {
    await Promise.all([one.close(), other.close()])
    await rm(folder, { recursive: true, force: true })
  }
}
