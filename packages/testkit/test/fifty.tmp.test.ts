import { test } from 'vitest'
import { runTransportCases } from '../src/index.js'
import { onLocalDht } from './fixtures/hyperswarm.js'
import { memory } from './fixtures/memory.js'
test('fifty', async () => {
  const failed: string[] = []
  for (const [fixture, runs] of [[memory, 50], [onLocalDht, 15]] as const)
    for (let i = 1; i <= runs; i++) {
      const r = await runTransportCases(fixture, { concurrency: fixture === memory ? 1 : 6 })
      for (const o of r.outcomes) if (o.status === 'failed') failed.push(`${fixture.name} ${i} ${o.id} ${o.error?.message}`)
    }
  console.log('FAILED', failed.length, failed.join('\n'))
}, 600_000)
