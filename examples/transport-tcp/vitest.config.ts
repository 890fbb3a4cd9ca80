import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // Beside Hyperswarm: its flush takes up to ten seconds, to notice a silence five, and then the blocks move.
    testTimeout: 60_000,
    hookTimeout: 30_000,
    retry: 0,
    // Most tests wait, for answers or for a silence, and need little of a processor.
    maxWorkers: 2
  }
})
