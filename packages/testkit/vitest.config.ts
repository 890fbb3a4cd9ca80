import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // Two at a time, of files and of the tests in a concurrent file: most wait for a network or a child process.
    maxWorkers: 2,
    maxConcurrency: 2,
    // Loading Hypercore takes longer than most files: the files of a worker share it.
    isolate: false,
    // Milliseconds. Only a hang takes this long, also on a busy machine.
    testTimeout: 120_000,
    hookTimeout: 120_000
  }
})
