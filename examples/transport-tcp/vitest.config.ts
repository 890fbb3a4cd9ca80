import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Beside Hyperswarm: its flush takes up to ten seconds, to notice a silence five, and then the blocks move.
  test: { testTimeout: 60_000, hookTimeout: 30_000, retry: 0 }
})
