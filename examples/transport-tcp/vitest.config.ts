import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * Starts the conformance suite first: it takes longest. Until vitest has seen how long files take, it goes by their size,
 * and would start it last.
 */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isSuite = ({ moduleId }: TestSpecification) => moduleId.endsWith('conformance.test.ts')
    const sorted = await super.sort(files)
    return [...sorted.filter(isSuite), ...sorted.filter((file) => !isSuite(file))]
  }
}

export default defineConfig({
  test: {
    // Beside Hyperswarm: its flush takes up to ten seconds, to notice a silence five, and then the blocks move.
    testTimeout: 60_000,
    hookTimeout: 30_000,
    retry: 0,
    // Most tests wait, for answers or for a silence, and need little of a processor.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst }
  }
})
