import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // Loading Hypercore takes longer than most files: the files of a worker share it.
    isolate: false,
    // Milliseconds. Only a hang takes this long, also on a busy machine.
    testTimeout: 60_000,
    hookTimeout: 60_000
  }
})
