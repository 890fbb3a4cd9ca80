import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Most files wait, for a network or for something that never comes, so that two share a core well.
  test: { maxWorkers: 2 }
})
