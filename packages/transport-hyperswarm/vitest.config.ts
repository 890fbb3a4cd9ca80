export default {
  test: {
    // Each file would load Hyperswarm anew otherwise: half of the CPU time of all files.
    isolate: false,
    // Most of a test's time is waiting for the network, so more files than cores can run.
    maxWorkers: 4,
    // Milliseconds. Only a hang takes this long, also on a busy machine.
    testTimeout: 60_000,
    hookTimeout: 60_000
  }
}
