import { defineConfig } from 'vitest/config'

/** Two files at a time, also on 2 cores, where Vitest would run one: most tests wait for a network or a process. */
const maxWorkers = 2

// Each project is the folder of its name. Time limits are in milliseconds.
export default defineConfig({
  test: {
    retry: 0,
    projects: [
      {
        // A worker runs one file after the other: to import the libraries anew takes longer than most files' tests.
        test: {
          name: 'across',
          dir: 'across',
          isolate: false,
          maxWorkers,
          testTimeout: 30_000,
          hookTimeout: 30_000
        }
      },
      { test: { name: 'conformance-proof', dir: 'conformance-proof', maxWorkers, testTimeout: 30_000 } },
      {
        // These tests show peers that miss each other and flushes that hang, so some wait for up to 30 s. They measure
        // time and start processes, so one file runs at a time.
        test: {
          name: 'upstream',
          dir: 'upstream',
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 30_000
        }
      }
    ]
  }
})
