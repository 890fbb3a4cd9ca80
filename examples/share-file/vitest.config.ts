import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // A test moves up to 18 MiB between processes: 6 s on an idle machine, a minute beside eight busy programs.
    testTimeout: 120_000,
    // The processes of five tests keep more than two processors busy; more of them would only share these.
    maxConcurrency: 5,
    retry: 0
  }
})
