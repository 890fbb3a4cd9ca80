import { defineConfig } from 'vitest/config'

// Which suite runs is chosen by the script: `--dir across` for ours, `--dir upstream` for the libraries below.
const upstream = process.argv.some((arg) => /^(--dir=)?upstream$/.test(arg))

export default defineConfig({
  test: {
    // Upstream, peers that miss each other and flushes that hang are what is shown: up to 30 s of waiting.
    testTimeout: upstream ? 60_000 : 30_000,
    hookTimeout: 30_000,
    // Upstream tests measure time and start processes: side by side they would measure one another.
    fileParallelism: !upstream,
    retry: 0
  }
})
