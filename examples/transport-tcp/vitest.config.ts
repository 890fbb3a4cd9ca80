import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Two peers that lost each other notice after five seconds, and then have time to meet again.
  test: { testTimeout: 30_000, hookTimeout: 30_000, retry: 0 }
})
