import { defineConfig } from 'vitest/config'

// Time limits are in milliseconds. Each project is the folder of its name.
export default defineConfig({
  test: {
    retry: 0,
    projects: [
      {
        // One worker runs several files: to import the libraries anew for each would take longer than its tests.
        test: { name: 'across', dir: 'across', isolate: false, testTimeout: 30_000, hookTimeout: 30_000 }
      },
      {
        test: { name: 'conformance-proof', dir: 'conformance-proof', testTimeout: 30_000 }
      },
      {
        // These tests show peers that miss each other and flushes that hang, so some wait for up to 30 s. They measure
        // time and start processes, so one file runs at a time.
        test: {
          name: 'upstream',
          dir: 'upstream',
          testTimeout: 60_000,
          hookTimeout: 30_000,
          fileParallelism: false
        }
      }
    ]
  }
})
