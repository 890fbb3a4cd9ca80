import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { secure } from '@basestore/networker/transport'
import Corestore from 'corestore'
import { expect, test } from 'vitest'
import type { LinkShape } from '../src/links/shape.js'
import { RealClock } from '../src/time/clock.js'
import { BareLink } from './bare-link.js'
import { keyPair } from './peers.js'

const BLOCKS = 50

test.each([
  ['cut', { slice: 1448 }],
  ['cut to the byte', { slice: 1 }],
  ['joined', { coalesce: 2 }],
  ['late by chance', { latency: { exponential: { floor: 0, mean: 2 } } }],
  ['all of that', { latency: { uniform: [0, 2] }, slice: 700, coalesce: 1, bandwidth: 10e6, queue: 5000 }]
] as [string, LinkShape][])(
  'a core replicates under Noise over a link whose frames are %s',
  async (_, shape) => {
    const directory = await mkdtemp(join(tmpdir(), 'memory-replication-'))
    const stores = ['a', 'b'].map((name) => new Corestore(join(directory, name)))
    const link = new BareLink({ clock: new RealClock(), shape })
    try {
      const [a, b] = stores as [Corestore, Corestore]
      const source = a.get({ name: 'source' })
      const size = shape.slice === 1 ? 10 : 3000
      await source.append(Array.from({ length: BLOCKS }, (_, i) => Buffer.alloc(size, i)))
      const streams = await Promise.all([
        secure(link.a, { keyPair: keyPair(), isInitiator: true }),
        secure(link.b, { keyPair: keyPair(), isInitiator: false })
      ])
      for (const [i, stream] of streams.entries()) {
        stream.on('error', () => {})
        stores[i]!.replicate(stream)
      }
      const copy = b.get({ key: source.key })
      await copy.ready()
      for (let i = 0; i < BLOCKS; i++) expect(await copy.get(i)).toEqual(Buffer.alloc(size, i))
    } finally {
      link.reset()
      await Promise.all(stores.map((store) => store.close()))
      await rm(directory, { recursive: true })
    }
  }
)
