export default {
  test: {
    // Each file would load Hyperswarm anew otherwise: half of the CPU time of all files.
    isolate: false,
    // Most of a test's time is waiting for the network, so more files than cores can run.
    maxWorkers: 4,
    // On a busy machine a test of one second takes many.
    testTimeout: 20_000
  }
}
